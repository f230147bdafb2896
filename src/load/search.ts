import { byPercentile } from "../result/percentiles.ts";
import type { Result, SearchStep } from "../result/result.ts";
import { SounderError } from "../errors/errors.ts";
import { rateKept } from "./kept.ts";

/** How near the limit is narrowed down, as a share of it. */
const PRECISION = 0.05;
/** A step whose rate was not reached has found the limit, whatever the goals. */
const RATE_KEPT = 0.99;
/** One that falls so far short of its rate needs no second look. */
const RATE_MISSED = 0.9;
const STEPS_MOST = 24;

/** Three digits are more than a search can tell. */
function rounded(rate: number): number {
  return Number(rate.toPrecision(3));
}

function isMet(result: Result): boolean {
  return result.verdict === "pass" && rateKept(result, RATE_KEPT);
}

const isWrong = ({ bytes }: Result) => bytes.mismatched > 0;

/** Whether one bad moment may have been all that it failed for. */
function isDoubtful(result: Result): boolean {
  return !isMet(result) && !isWrong(result) && rateKept(result, RATE_MISSED);
}

/**
 * Searches the highest rate that still meets every goal: up in doublings (or
 * down in halves) until the limit lies between two steps, then by bisection. A
 * step that just fails is tried once more, since one bad moment would keep the
 * search below it for good; wrong bytes end it, whatever the rate.
 *
 * @param first the rate to begin with, messages a second
 * @param measure one run at a rate, after those tried; undefined ends the search early
 * @returns the run at the rate found, or at the lowest tried if none met all;
 * the one with the wrong bytes, if any had some
 */
export async function search(
  first: number,
  measure: (
    rate: number,
    tried: readonly SearchStep[],
  ) => Promise<Result | undefined>,
): Promise<Result> {
  const steps: SearchStep[] = [];
  let good = 0;
  let bad = Infinity;
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
      bad = rate;
      lowest = result;
    }
    if (bad < Infinity && bad - good <= bad * PRECISION) break;
    const next =
      bad === Infinity ? good * 2 : good === 0 ? bad / 2 : (good + bad) / 2;
    rate = rounded(next);
  }
  const chosen = best ?? lowest;
  if (chosen === undefined) {
    throw new SounderError("the search was interrupted", "EINTR");
  }
  return found(chosen, good, steps);
}

/**
 * Bytes that were wrong, or goals that were missed, in the run that is told are
 * why nothing was found; what was found lets it pass.
 *
 * @param rate what was found, 0 if nothing was
 */
export function found(
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
