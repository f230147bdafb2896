import { messagesFor, type Target } from "../load/goals.ts";
import type { LoadOptions } from "../load/options.ts";
import { resultOf } from "../load/outcome.ts";
import { run, type Run } from "../load/run.ts";
import { search } from "../load/search.ts";
import { hlog } from "../report/hlog.ts";
import type { Result } from "../result/result.ts";
import { decode } from "../result/times.ts";
import { SounderError } from "../socket/errors.ts";
import { Live } from "./live.ts";
import { outputFile, showResult } from "./results.ts";
import { say } from "./say.ts";

export interface MeasureFlags {
  goal: Target[];
  findRate?: true;
  json?: string;
  html?: string;
  hlog?: string;
}

/** The least a step of a search takes, and its warm-up, in milliseconds. */
const STEP = 2000;
const STEP_WARMUP = 500;

/** Exit statuses of what signals end: 128 and their numbers. */
const INTERRUPTED = [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const;

/** Runs what the flags ask for, shows it, and tells the exit status. */
export async function measure(
  options: LoadOptions,
  flags: MeasureFlags,
): Promise<number> {
  // Opened first: a run must not be lost for a path that can't be written.
  const files = {
    json: outputFile(flags.json),
    html: outputFile(flags.html),
    hlog: outputFile(flags.hlog),
  };
  const stop = new AbortController();
  let interrupted: number | undefined;
  for (const [signal, status] of INTERRUPTED) {
    process.on(signal, function interrupt() {
      interrupted ??= status;
      stop.abort();
      // The next one ends it at once. Taken off any sooner, it would leave
      // log-update's listener alone, which ends it then with this one.
      setImmediate(() => process.off(signal, interrupt));
    });
  }

  try {
    const { result, runs } = flags.findRate
      ? await findRate(options, flags.goal, stop.signal)
      : await runOnce(options, flags.goal, stop.signal);
    await files.hlog?.(hlogOf(runs));
    await showResult(result, files);
    return interrupted ?? (result.verdict === "pass" ? 0 : 1);
  } catch (error) {
    if (interrupted === undefined || !(error instanceof SounderError))
      throw error;
    say(`sounder: ${error.message}`);
    return interrupted;
  }
}

/** The command line to run again, quoted for a shell where it must be. */
function commandLine(): string {
  const quote = (text: string) =>
    /^[\w@%+=:,./[\]-]+$/.test(text)
      ? text
      : `'${text.replaceAll("'", "'\\''")}'`;
  return ["sounder", ...process.argv.slice(2).map(quote)].join(" ");
}

async function runOnce(
  options: LoadOptions,
  goals: readonly Target[],
  stop: AbortSignal,
): Promise<{ result: Result; runs: Run[] }> {
  using live = new Live(options);
  const done = await run(options, live, stop);
  return { result: resultOf(done, goals, commandLine()), runs: [done] };
}

/**
 * Searches from a quarter of what a closed loop reaches. A step is long enough
 * for the goals' percentiles, within what --duration allows.
 */
async function findRate(
  options: LoadOptions,
  goals: readonly Target[],
  stop: AbortSignal,
): Promise<{ result: Result; runs: Run[] }> {
  const longest = "duration" in options.until ? options.until.duration : STEP;
  const runs: Run[] = [];

  async function step(rate: number | undefined): Promise<Result> {
    const enough = rate === undefined ? 0 : (messagesFor(goals) / rate) * 1000;
    const duration = Math.max(STEP, Math.min(enough, longest));
    const until = { duration };
    const tried = { ...options, rate, until, warmup: STEP_WARMUP };
    const what = rate === undefined ? "a closed loop" : `${rate} msg/s`;
    using live = new Live(tried, `  trying ${what}`);
    const done = await run(tried, live, stop);
    if (rate !== undefined) runs.push(done);
    return resultOf(done, goals, commandLine());
  }

  const closed = await step(undefined);
  const result = await search(closed.rate.messages / 4, async (rate) => {
    if (stop.aborted) return undefined;
    const tried = await step(rate);
    // A step that was cut short says nothing.
    return stop.aborted ? undefined : tried;
  });
  if (!stop.aborted) return { result, runs };
  const warning = "the search was interrupted: the limit may be elsewhere";
  return {
    result: { ...result, warnings: [warning, ...result.warnings] },
    runs,
  };
}

/** All runs' seconds, each where it was in time. */
function hlogOf(runs: readonly Run[]): string {
  const startedAt = runs[0]?.tally.startedAt ?? 0;
  const intervals = runs.flatMap(({ tally, seconds }) => {
    const offset = (tally.startedAt - startedAt) / 1000;
    return seconds.map(({ second, histogram }) => ({
      from: offset + second - 1,
      to: offset + Math.max(Math.min(second, tally.seconds), second - 1),
      latency: decode(histogram),
    }));
  });
  return hlog(startedAt, intervals);
}
