import { byPercentile } from "../result/percentiles.ts";
import type { Result, SearchStep } from "../result/result.ts";
import { SounderError } from "../errors/errors.ts";
import { listOf } from "./outcome/error-list.ts";
import { messagesFor, type Goal } from "./outcome/goals.ts";
import type { LoadOptions } from "./options.ts";
import { rateKept } from "../result/kept.ts";

/** The least a step takes, unless no more is allowed; milliseconds. */
const STEP = 2000;
/** Connections are new in each step, and little else is. */
const WARMUP_MOST = 500;
const STEPS_MOST = 24;
/** How near the limit is narrowed down, as a share of it. */
const PRECISION = 0.05;
/** A step that falls short of its rate is beyond the limit, whatever the goals. */
const STEP_KEPT = 0.99;
/** One that falls so far short of it needs no second look. */
const STEP_MISSED = 0.9;

/** Runs one step, after those tried, and holds it against the goals. */
type Measure = (
  step: LoadOptions,
  tried: readonly SearchStep[],
) => Promise<Result>;

/**
 * Searches the highest rate that meets the goals, from a quarter of what a
 * closed loop reaches. A step is as long as the goals' percentiles ask for,
 * within the options' duration.
 *
 * @param stop ends the search early: what it knows by then is told
 * @returns the closed loop, where no step was complete by then
 * @throws SounderError if nothing could be measured: `EINTR`, or why not
 */
export async function findRate(
  options: LoadOptions,
  goals: readonly Goal[],
  measure: Measure,
  stop: AbortSignal,
): Promise<Result> {
  const steps = new Steps(options, goals, measure, stop);
  const closed = await steps.measure(undefined, []);
  if (isWrong(closed)) return found(closed, 0, []);
  const result = await search(closed.rate.messages / 4, (rate, tried) =>
    steps.try(rate, tried),
  );
  return steps.tell(result ?? withoutSteps(closed));
}

/** Measures the steps of a search, and remembers what was amiss with them. */
class Steps {
  /** Why one could not be measured, which ends the search. */
  failed: SounderError | undefined;
  private readonly troubles = new Map<string, number>();
  private cutShort = false;
  /** Milliseconds that a step takes at most. */
  private readonly longest: number;

  constructor(
    private readonly options: LoadOptions,
    private readonly goals: readonly Goal[],
    private readonly run: Measure,
    private readonly stop: AbortSignal,
  ) {
    const { until } = options;
    this.longest = "duration" in until ? until.duration : STEP;
  }

  /** @param rate undefined for a closed loop */
  measure(
    rate: number | undefined,
    tried: readonly SearchStep[],
  ): Promise<Result> {
    const enough = rate === undefined ? 0 : this.enoughAt(rate);
    const duration = Math.min(Math.max(enough, STEP), this.longest);
    const warmup = Math.min(this.options.warmup, WARMUP_MOST);
    const step = { ...this.options, rate, until: { duration }, warmup };
    return this.run(step, tried);
  }

  /** @returns undefined if the search is to end */
  async try(
    rate: number,
    tried: readonly SearchStep[],
  ): Promise<Result | undefined> {
    if (this.stop.aborted) return undefined;
    let result: Result;
    try {
      result = await this.measure(rate, tried);
    } catch (error) {
      if (!(error instanceof SounderError)) throw error;
      this.failed = error;
      return undefined;
    }
    // A step that was interrupted says nothing.
    if (this.stop.aborted) return undefined;
    for (const [code, count] of Object.entries(result.errors)) {
      this.troubles.set(code, (this.troubles.get(code) ?? 0) + count);
    }
    this.cutShort ||= this.enoughAt(rate) > this.longest;
    return result;
  }

  /** Milliseconds until there are as many messages as the goals ask for. */
  private enoughAt(rate: number): number {
    return (messagesFor(this.goals) / rate) * 1000;
  }

  /** Adds to what was found what is to be known of the way there. */
  tell(result: Result): Result {
    const warnings: string[] = [];
    if (this.cutShort) {
      warnings.push(
        "some steps were too short for their goals' percentiles: a longer " +
          "--duration lets them have what they need",
      );
    }
    if (this.troubles.size > 0) {
      warnings.push(`steps of the search had errors: ${listOf(this.troubles)}`);
    }
    const complete = result.search!.steps.length > 0;
    const ended = this.whyEnded(complete);
    return {
      ...result,
      warnings: [...ended, ...warnings, ...result.warnings],
      verdict: ended.length === 0 ? result.verdict : "fail",
      reasons: [...ended, ...(result.reasons ?? [])],
    };
  }

  /**
   * Why it ended before the limit was found, where it did.
   * @param complete whether a step was
   */
  private whyEnded(complete: boolean): string[] {
    if (this.stop.aborted) {
      return [
        complete
          ? "the search was interrupted: the limit may be elsewhere"
          : "the search was interrupted before its first step was complete",
      ];
    }
    if (this.failed === undefined) return [];
    return [`the search ended early: ${this.failed.message}`];
  }
}

/**
 * Searches the highest rate that still meets every goal: up in doublings (or
 * down in halves) until the limit lies between two steps, then by bisection. A
 * step that just fails is tried once more, since one bad moment would keep the
 * search below it for good; wrong bytes end it, whatever the rate. Where a step
 * has too few messages for a goal, only a higher rate has more.
 *
 * @param first the rate to begin with, messages a second
 * @param measure one run at a rate, after those tried; undefined ends the search early
 * @returns the run at the rate found, or if none met all, at the lowest tried of
 * which the goals can be told; the one with the wrong bytes, if any had some;
 * undefined if no step was complete
 */
export async function search(
  first: number,
  measure: (
    rate: number,
    tried: readonly SearchStep[],
  ) => Promise<Result | undefined>,
): Promise<Result | undefined> {
  const steps: SearchStep[] = [];
  let good = 0;
  let bad = Infinity;
  /** The highest rate with too few messages. */
  let scarce = 0;
  let best: Result | undefined;
  let lowest: Result | undefined;
  let rate = rounded(Math.max(first, 1));

  while (steps.length < STEPS_MOST && rate >= 1) {
    let result = await measure(rate, steps);
    // Interrupted, the second look leaves what the first one found.
    if (result && isDoubtful(result)) {
      result = (await measure(rate, steps)) ?? result;
    }
    if (result === undefined) break;
    const met = isMet(result);
    steps.push(stepOf(rate, result, met));
    if (isWrong(result)) return found(result, 0, steps);
    if (met) {
      good = rate;
      best = result;
    } else {
      if (hasTooFew(result)) scarce = Math.max(scarce, rate);
      else bad = rate;
      if (lowest === undefined || isTold(result)) lowest = result;
    }
    if (bad < Infinity && bad - good <= bad * PRECISION) break;
    rate = rounded(nextRate(good, bad, scarce));
    if (rate <= scarce) break;
  }
  const chosen = best ?? lowest;
  return chosen && found(chosen, good, steps);
}

function nextRate(good: number, bad: number, scarce: number): number {
  if (bad === Infinity) return Math.max(good, scarce) * 2;
  return good === 0 ? bad / 2 : (good + bad) / 2;
}

/** A closed loop, of a search that ended before its first step was complete. */
function withoutSteps(closed: Result): Result {
  return { ...closed, search: { rate: 0, steps: [] }, reasons: [] };
}

/**
 * Bytes that were wrong, or goals that were missed, in the run that is told are
 * why nothing was found; what was found lets it pass.
 *
 * @param rate what was found, 0 if nothing was
 */
function found(
  result: Result,
  rate: number,
  steps: readonly SearchStep[],
): Result {
  const none = isWrong(result) ? [] : ["no rate met the goals"];
  return {
    ...result,
    search: { rate, steps: steps.toSorted((a, b) => a.rate - b.rate) },
    verdict: rate > 0 ? "pass" : "fail",
    reasons: rate > 0 ? [] : [...none, ...(result.reasons ?? [])],
  };
}

function stepOf(rate: number, result: Result, met: boolean): SearchStep {
  const { latency } = result;
  return {
    rate,
    achieved: result.rate.messages,
    ...byPercentile((key) => latency[key]),
    max: latency.max,
    met,
  };
}

/** Three digits are more than a search can tell. */
function rounded(rate: number): number {
  return Number(rate.toPrecision(3));
}

function isMet(result: Result): boolean {
  return result.verdict === "pass" && rateKept(result, STEP_KEPT);
}

function isTold({ goals }: Result): boolean {
  return goals.every(({ measured }) => measured !== null);
}

/** Whether a goal can't be told, though nothing was lost. */
function hasTooFew(result: Result): boolean {
  return !isTold(result) && !result.latency.unanswered;
}

function isWrong({ bytes }: Result): boolean {
  return bytes.mismatched > 0;
}

/** Whether one bad moment may have been all that it failed for. */
function isDoubtful(result: Result): boolean {
  return !isMet(result) && !isWrong(result) && rateKept(result, STEP_MISSED);
}
