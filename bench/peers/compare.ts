/**
 * Measures echo servers side by side with `sounder load`, which checks every
 * byte: each under the same load, in turn, several rounds. Absolute figures are
 * this machine's; the ratios, round by round, are what can be compared.
 *
 *     bun run bench:peers [--rounds 5] [--seconds 2] [--write]
 *
 * `--write` puts the tables into docs/BENCHMARKS.md.
 */
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import type { Result } from "../../src/result/result.ts";
import { type Peer, peers, start } from "./peers.ts";
import { type Measured, row } from "./row.ts";

const LOADS = [
  { title: "64 connections × 64 B", flags: ["-c", "64", "-s", "64"] },
  {
    title: "64 connections × 1 KiB × 16 in flight",
    flags: ["-c", "64", "-s", "1KiB", "-p", "16"],
  },
  { title: "4 connections × 64 KiB", flags: ["-c", "4", "-s", "64KiB"] },
];

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "2" },
    write: { type: "boolean", default: false },
  },
});
const rounds = Number(values.rounds);
const cli = join(import.meta.dir, "../../src/cli.ts");

function pinTo(core: number): string[] {
  const can = Bun.which("taskset") !== null && cpus().length > 1;
  return can ? ["taskset", "-c", String(core)] : [];
}

async function measure(
  port: number,
  flags: readonly string[],
): Promise<Measured> {
  const command = [process.execPath, cli, "load", `127.0.0.1:${port}`];
  const common = ["-d", `${values.seconds}s`, "--warmup", "1s", "--json", "-"];
  const child = Bun.spawn([...pinTo(1), ...command, ...flags, ...common], {
    stdout: "pipe",
    stderr: "inherit",
  });
  const text = await new Response(child.stdout).text();
  if (text === "") throw new Error("load has no result");
  const result = JSON.parse(text) as Result;
  return {
    rate: result.rate.messages,
    p50: result.latency.p50,
    p99: result.latency.p99,
    ok: result.verdict === "pass",
  };
}

/** Null where it can't be measured: the other rounds are worth telling. */
async function attempt(
  peer: Peer,
  flags: readonly string[],
): Promise<Measured | null> {
  try {
    using running = await start(peer, pinTo(0));
    return await measure(running.port, flags);
  } catch (error) {
    process.stderr.write(`${peer.name}: ${(error as Error).message}\n`);
    return null;
  }
}

async function table(
  all: readonly Peer[],
  { title, flags }: (typeof LOADS)[number],
): Promise<string> {
  const measured = new Map<Peer, (Measured | null)[]>(
    all.map((peer) => [peer, []]),
  );
  for (let round = 0; round < rounds; round += 1) {
    // Another is first each time: what goes before has its effect.
    const turns = [...all.slice(round % all.length), ...all].slice(
      0,
      all.length,
    );
    for (const peer of turns) {
      process.stderr.write(`${title}, round ${round + 1}: ${peer.name}\n`);
      measured.get(peer)!.push(await attempt(peer, flags));
    }
  }
  const base = measured.get(all[0]!)!;
  return [
    `### ${title}`,
    "",
    `| server | rate | ratio to ${all[0]!.name} | p50 | p99 | bytes |`,
    "| --- | --: | --: | --: | --: | --- |",
    ...all.map((peer) => row(peer.name, measured.get(peer)!, base)),
  ].join("\n");
}

/** Those that start here: to be installed is not enough. */
async function startable(): Promise<Peer[]> {
  const able: Peer[] = [];
  for (const peer of peers()) {
    try {
      using _ = await start(peer, []);
      able.push(peer);
    } catch (error) {
      process.stderr.write(`left out: ${(error as Error).message}\n`);
    }
  }
  return able;
}

// What runs and what was built is cleared away on exit, to which Ctrl-C leads.
process.once("SIGINT", () => process.exit(130));

const all = await startable();
const tables: string[] = [];
for (const load of LOADS) {
  tables.push(await table(all, load));
  console.log(`\n${tables.at(-1)}`);
}

if (values.write) {
  const file = join(import.meta.dir, "../../docs/BENCHMARKS.md");
  const [head = ""] = (await Bun.file(file).text()).split("<!-- measured -->");
  const made =
    `Measured on ${new Date().toISOString().slice(0, 10)} with ` +
    `${cpus().length} × ${cpus()[0]!.model}, Bun ${Bun.version}; medians of ` +
    `${rounds} rounds of ${values.seconds} s, the spread of the ratios beside ` +
    "them.";
  const text = [`${head}<!-- measured -->`, made, ...tables].join("\n\n");
  await Bun.write(file, `${text}\n`);
  Bun.spawnSync([process.execPath, "fmt", "--no-script", file]);
}
