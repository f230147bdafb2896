import type { Result, SearchStep } from "../result/result.ts";
import { SounderError } from "../socket/errors.ts";

/** How near the limit is narrowed down, as a share of it. */
const PRECISION = 0.05;
/** A step whose rate was not reached has found the limit, whatever the goals. */
const RATE_KEPT = 0.99;
const STEPS_MOST = 24;

/** Three digits are more than a search can tell. */
function rounded(rate: number): number {
  return Number(rate.toPrecision(3));
}

/**
 * Searches the highest rate that still meets every goal: up in doublings (or
 * down in halves) until the limit lies between two steps, then by bisection.
 *
 * @param first the rate to begin with, messages a second
 * @param measure one run at a rate; undefined ends the search early
 * @returns the run at the rate found, or at the lowest tried if none met all
 */
export async function search(
  first: number,
  measure: (rate: number) => Promise<Result | undefined>,
): Promise<Result> {
  const steps: SearchStep[] = [];
  let good = 0;
  let bad = Infinity;
  let best: Result | undefined;
  let lowest: Result | undefined;
  let rate = rounded(Math.max(first, 1));

  while (steps.length < STEPS_MOST && rate >= 1) {
    const result = await measure(rate);
    if (result === undefined) break;
    // Of a few messages, one more or less is still the rate.
    const planned = rate * result.seconds * RATE_KEPT - 1;
    const kept = result.rate.messages * result.seconds >= planned;
    const met = result.verdict === "pass" && kept;
    steps.push(stepOf(rate, result, met));
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
    throw new SounderError("the search was interrupted (EINTR)", "EINTR");
  }
  steps.sort((a, b) => a.rate - b.rate);
  return {
    ...chosen,
    search: { rate: good, steps },
    verdict: good > 0 ? "pass" : "fail",
  };
}

function stepOf(rate: number, result: Result, met: boolean): SearchStep {
  const { p50, p90, p99, p999, max } = result.latency;
  return {
    rate,
    achieved: result.rate.messages,
    p50,
    p90,
    p99,
    p999,
    max,
    met,
  };
}
