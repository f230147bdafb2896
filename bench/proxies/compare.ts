/**
 * Measures `sounder proxy` without faults beside HAProxy in TCP mode, each on one
 * core, under loads that check every byte; the echo and the load have another
 * core. They take turns: the ratios, round by round, are what can be compared.
 *
 *     bun run bench:proxies [--rounds 7] [--seconds 2]
 */
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import type { Result } from "../../src/result/result.ts";

const LOADS = [
  { title: "64 connections × 64 B", flags: ["-c", "64", "-s", "64"] },
  {
    title: "64 connections × 1 KiB × 16 in flight",
    flags: ["-c", "64", "-s", "1KiB", "-p", "16"],
  },
  { title: "4 connections × 64 KiB", flags: ["-c", "4", "-s", "64KiB"] },
  { title: "4 connections × 1 MiB", flags: ["-c", "4", "-s", "1MiB"] },
];

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "7" },
    seconds: { type: "string", default: "2" },
  },
});
const cli = [process.execPath, join(import.meta.dir, "../../src/cli.ts")];

function pinTo(core: number): string[] {
  const can = Bun.which("taskset") !== null && cpus().length > 1;
  return can ? ["taskset", "-c", String(core)] : [];
}

function freePort(): number {
  using listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: { data() {} },
  });
  return listener.port;
}

/** A process, once its port answers. */
async function start(command: string[], port: number): Promise<Disposable> {
  const child = Bun.spawn(command, { stdio: ["ignore", "ignore", "inherit"] });
  for (;;) {
    try {
      const socket = { data() {} };
      const peer = await Bun.connect({ hostname: "127.0.0.1", port, socket });
      peer.terminate();
      return { [Symbol.dispose]: () => child.kill("SIGKILL") };
    } catch {
      if (child.exitCode !== null) throw new Error(`${command[0]} has ended`);
      await Bun.sleep(10);
    }
  }
}

async function haproxy(target: number): Promise<[string[], number]> {
  const port = freePort();
  const file = join(tmpdir(), `sounder-bench-${process.pid}.cfg`);
  await Bun.write(
    file,
    `global
  nbthread 1
defaults
  mode tcp
  timeout connect 5s
  timeout client 60s
  timeout server 60s
listen bench
  bind 127.0.0.1:${port}
  server echo 127.0.0.1:${target}
`,
  );
  return [["haproxy", "-db", "-f", file], port];
}

function ours(target: number): [string[], number] {
  const port = freePort();
  const places = [`127.0.0.1:${port}`, `127.0.0.1:${target}`];
  return [[...cli, "proxy", ...places, "--log", "off"], port];
}

/** Messages a second. */
async function measure(port: number, flags: readonly string[]) {
  const what = [
    "load",
    `127.0.0.1:${port}`,
    "--warmup",
    "500ms",
    "--json",
    "-",
  ];
  const child = Bun.spawn(
    [...pinTo(1), ...cli, ...what, "-d", `${values.seconds}s`, ...flags],
    { stdout: "pipe", stderr: "ignore" },
  );
  const result = (await new Response(child.stdout).json()) as Result;
  if (result.verdict !== "pass") throw new Error("bytes were lost or wrong");
  return result.rate.messages;
}

function median(all: readonly number[]): number {
  return all.toSorted((a, b) => a - b)[all.length >> 1]!;
}

const echo = freePort();
const server = [...cli, "server", `127.0.0.1:${echo}`, "--reply", "raw"];
using _echo = await start([...pinTo(1), ...server, "--log", "off"], echo);
const [theirs, theirPort] = await haproxy(echo);
const [own, ownPort] = ours(echo);
using _theirs = await start([...pinTo(0), ...theirs], theirPort);
using _own = await start([...pinTo(0), ...own], ownPort);

console.log("| load | HAProxy | sounder proxy | ratio, round by round |");
console.log("| - | - | - | - |");
for (const { title, flags } of LOADS) {
  const rounds: { haproxy: number; sounder: number }[] = [];
  for (let n = 0; n < Number(values.rounds); n++) {
    const first = await measure(n % 2 ? ownPort : theirPort, flags);
    const second = await measure(n % 2 ? theirPort : ownPort, flags);
    const [sounder, theirRate] = n % 2 ? [first, second] : [second, first];
    rounds.push({ haproxy: theirRate, sounder });
  }
  const middle = (of: (round: (typeof rounds)[number]) => number) =>
    median(rounds.map(of));
  const rate = (value: number) => Math.round(value).toLocaleString("en-US");
  console.log(
    `| ${title} | ${rate(middle((round) => round.haproxy))}/s | ` +
      `${rate(middle((round) => round.sounder))}/s | ` +
      `${middle((round) => round.sounder / round.haproxy).toFixed(2)} |`,
  );
}
