/**
 * Measures `sounder proxy` without faults beside HAProxy in TCP mode, each on one
 * core, under loads that check every byte; the echo and the load have another
 * core. They take turns: the ratios, round by round, are what can be compared.
 * Where others use the machine, the processor time of a message says more than
 * how many there were in a second.
 *
 *     bun run bench:proxies [--rounds 7] [--seconds 2]
 */
import { readFileSync } from "node:fs";
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

interface Running extends Disposable {
  /** Seconds of processor time so far. */
  cpu(): number;
}

/** Of proc(5): utime and stime, in 1/100 s. */
function cpuOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** A process, once its port answers. */
async function start(command: string[], port: number): Promise<Running> {
  const child = Bun.spawn(command, { stdio: ["ignore", "ignore", "inherit"] });
  for (;;) {
    try {
      const socket = { data() {} };
      const peer = await Bun.connect({ hostname: "127.0.0.1", port, socket });
      peer.terminate();
      return {
        cpu: () => cpuOf(child.pid),
        [Symbol.dispose]: () => void child.kill("SIGKILL"),
      };
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

/** What one load came to. */
interface Measured {
  /** Messages a second. */
  rate: number;
  /** Microseconds of the proxy's processor time for a message. */
  cost: number;
}

async function measure(
  port: number,
  proxy: Running,
  flags: readonly string[],
): Promise<Measured> {
  const what = ["load", `127.0.0.1:${port}`, "--warmup", "0s", "--json", "-"];
  const before = proxy.cpu();
  const child = Bun.spawn(
    [...pinTo(1), ...cli, ...what, "-d", `${values.seconds}s`, ...flags],
    { stdout: "pipe", stderr: "ignore" },
  );
  const result = (await new Response(child.stdout).json()) as Result;
  if (result.verdict !== "pass") throw new Error("bytes were lost or wrong");
  const spent = proxy.cpu() - before;
  const { messages, rate } = result;
  return { rate: rate.messages, cost: (spent * 1e6) / messages.received };
}

function median(all: readonly number[]): number {
  return all.toSorted((a, b) => a - b)[all.length >> 1]!;
}

const echo = freePort();
const server = [...cli, "server", `127.0.0.1:${echo}`, "--reply", "raw"];
using _echo = await start([...pinTo(1), ...server, "--log", "off"], echo);
const [theirCommand, theirPort] = await haproxy(echo);
const [ownCommand, ownPort] = ours(echo);
using theirs = await start([...pinTo(0), ...theirCommand], theirPort);
using own = await start([...pinTo(0), ...ownCommand], ownPort);

const number = (value: number) =>
  value.toLocaleString("en-US", { maximumSignificantDigits: 3 });

console.log("| load | of | HAProxy | sounder proxy | ratio by round |");
console.log("| - | - | - | - | - |");
for (const { title, flags } of LOADS) {
  const rounds: { haproxy: Measured; sounder: Measured }[] = [];
  const theirTurn = () => measure(theirPort, theirs, flags);
  const ourTurn = () => measure(ownPort, own, flags);
  for (let n = 0; n < Number(values.rounds); n++) {
    if (n % 2 === 0) {
      const first = await theirTurn();
      rounds.push({ haproxy: first, sounder: await ourTurn() });
    } else {
      const first = await ourTurn();
      rounds.push({ haproxy: await theirTurn(), sounder: first });
    }
  }
  const of = (pick: (round: (typeof rounds)[number]) => number) =>
    number(median(rounds.map(pick)));
  console.log(
    `| ${title} | messages/s | ${of((r) => r.haproxy.rate)} | ` +
      `${of((r) => r.sounder.rate)} | ` +
      `${of((r) => r.sounder.rate / r.haproxy.rate)} |`,
  );
  console.log(
    `| | µs of CPU a message | ${of((r) => r.haproxy.cost)} | ` +
      `${of((r) => r.sounder.cost)} | ` +
      `${of((r) => r.haproxy.cost / r.sounder.cost)} |`,
  );
}
