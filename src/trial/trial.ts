import { type Endpoint, formatEndpoint } from "../address/endpoint.ts";
import { startServer } from "../server/server.ts";
import type { Approach } from "../socket/dial/dial.ts";
import { type Baseline, measureBaseline, type Setting } from "./baseline.ts";
import type { Case } from "./case.ts";
import { ECHO } from "./echo.ts";
import {
  type CaseResult,
  countsOf,
  type TrialResult,
  verdictOf,
} from "./result.ts";
import { tryCase } from "./try-case.ts";

export interface TrialOptions {
  target: Endpoint | typeof ECHO;
  /** How a path comes to it. */
  approach: Approach;
  /** Its words may have `{host}`, `{port}` and `{address}` in them. */
  command: readonly string[];
  /** The command's standard input, each time. */
  input: Uint8Array | undefined;
  cases: readonly Case[];
  /** Milliseconds that a run may take. */
  timeout: number;
  /** Runs of each case. */
  repeat: number;
  /** Cases at once. */
  jobs: number;
  seed: number;
}

/** Is told how it goes. */
export interface Watcher {
  baseline(baseline: Baseline): void;
  finished(result: CaseResult): void;
}

/**
 * Tries each fault on a client: first it runs without one, and then once, or
 * `repeat` times, for each case.
 * @param stop ends it: what is finished until then is in the result
 * @throws SounderError: `EBASELINE` or `ENOCLIENT` if the command is no good
 * for a trial; of a target, or a command, that can't be had
 */
export async function trial(
  options: TrialOptions,
  watcher: Watcher,
  stop: AbortSignal,
): Promise<TrialResult> {
  const { target } = options;
  if (target !== ECHO) return attempt(options, target, watcher, stop);
  await using server = await startServer({
    addresses: ["127.0.0.1:0"],
    reply: "raw",
  });
  return await attempt(options, server.addresses[0]!, watcher, stop);
}

async function attempt(
  options: TrialOptions,
  target: Endpoint,
  watcher: Watcher,
  stop: AbortSignal,
): Promise<TrialResult> {
  const { approach, command, input, timeout, seed } = options;
  const since = performance.now();
  // What goes wrong with one case ends the others.
  const broken = new AbortController();
  const setting: Setting = {
    target,
    approach,
    command,
    input,
    timeout,
    seed,
    stop: AbortSignal.any([stop, broken.signal]),
  };
  const baseline = await measureBaseline(setting);
  if (!stop.aborted) watcher.baseline(baseline);
  const done = new Map<Case, CaseResult>();
  await tryAll(options, async (one) => {
    if (setting.stop.aborted) return;
    try {
      const result = await tryCase(one, setting, baseline, options.repeat);
      if (result === undefined) return;
      done.set(one, result);
      watcher.finished(result);
    } catch (error) {
      broken.abort();
      throw error;
    }
  });
  const finished = options.cases.flatMap((one) => done.get(one) ?? []);
  return resultOf(options, baseline, {
    cases: finished,
    seconds: (performance.now() - since) / 1000,
    interrupted: stop.aborted && finished.length < options.cases.length,
  });
}

/** Times are right only where nothing else runs: what depends on them is last. */
async function tryAll(
  { cases, jobs }: TrialOptions,
  attemptOne: (one: Case) => Promise<void>,
): Promise<void> {
  const timed = cases.filter(({ kind }) => kind === "harmless");
  const others = cases.filter((one) => !timed.includes(one));
  await eachOf(others, jobs, attemptOne);
  await eachOf(timed, 1, attemptOne);
}

/** Does it for each, in order, so many at once. */
async function eachOf<Item>(
  items: readonly Item[],
  atOnce: number,
  act: (item: Item) => Promise<void>,
): Promise<void> {
  const left = [...items];
  async function work(): Promise<void> {
    for (let item = left.shift(); item !== undefined; item = left.shift()) {
      await act(item);
    }
  }
  const all = await Promise.allSettled(Array.from({ length: atOnce }, work));
  for (const one of all) if (one.status === "rejected") throw one.reason;
}

function resultOf(
  { target, command, timeout, repeat, jobs, seed }: TrialOptions,
  baseline: Baseline,
  done: { cases: CaseResult[]; seconds: number; interrupted: boolean },
): TrialResult {
  const { expected, carried, connections, seconds, warnings } = baseline;
  const counts = countsOf(done.cases);
  return {
    version: 1,
    kind: "trial",
    target: target === ECHO ? ECHO : formatEndpoint(target),
    command,
    seconds: done.seconds,
    options: { timeout: timeout / 1000, repeat, jobs, seed },
    baseline: {
      seconds,
      connections,
      request: carried.request,
      answer: carried.answer,
      printed: expected.bytes.length,
    },
    warnings,
    cases: done.cases,
    counts,
    verdict: verdictOf(counts, done.interrupted),
  };
}
