/**
 * Confidence intervals, 95 %, of what one run measured: what another run of the
 * same kind would have to leave to be called different.
 *
 * Messages are not independent samples: one pause delays thousands of them, so
 * an interval that counts each would be absurdly narrow. The seconds of a run
 * are taken as the samples instead, as a survey takes clusters:
 *
 * - A rate is the mean of its seconds, with Student's t (batch means; Law and
 *   Kelton, "Simulation Modeling and Analysis", 9.5.3).
 * - A percentile has Woodruff's interval ("Confidence Intervals for Medians and
 *   Other Position Measures", JASA 47, 1952): the binomial interval of the
 *   share, read off the cumulative distribution. Its number of samples is the
 *   effective one of Korn and Graubard ("Confidence Intervals for Proportions
 *   with Small Expected Number of Positive Counts", Survey Methodology 24,
 *   1998): the count divided by the design effect, which is how many times more
 *   the seconds' own percentiles scatter than independent samples would, and
 *   adjusted for the design effect being known from few seconds.
 *
 * What differs from one run to the next, such as where memory came to lie or
 * what else the machine did, shows in no single run and in no such interval.
 */
import type { Ecdf } from "./ecdf.ts";
import type { Result, Second } from "./result.ts";

/** Null where there is no limit: too few samples lie beyond it. */
export type Interval = [low: number, high: number | null];

/** The normal distribution's 97.5 %. */
const Z = 1.959964;

/** Student's t, 97.5 %; beyond the table by Cornish and Fisher's expansion. */
export function studentT(degrees: number): number {
  const exact = [12.7062, 4.3027, 3.1824, 2.7764][degrees - 1];
  if (exact !== undefined) return exact;
  return (
    Z +
    (Z ** 3 + Z) / (4 * degrees) +
    (5 * Z ** 5 + 16 * Z ** 3 + 3 * Z) / (96 * degrees ** 2) +
    (3 * Z ** 7 + 19 * Z ** 5 + 17 * Z ** 3 - 15 * Z) / (384 * degrees ** 3)
  );
}

/** The 2.5 % and 97.5 % quantiles of how many of n there are at a share. */
export function binomialRange(n: number, share: number): [number, number] {
  const mean = n * share;
  if (mean > 200) {
    const half = Z * Math.sqrt(mean * (1 - share));
    return [Math.floor(mean - half), Math.ceil(mean + half)];
  }
  let probability = (1 - share) ** n;
  let sum = probability;
  let low = 0;
  let k = 0;
  for (; sum < 0.975 && k < n; k += 1) {
    probability *= ((n - k) / (k + 1)) * (share / (1 - share));
    if (sum < 0.025) low = k + 1;
    sum += probability;
  }
  return [low, k];
}

/** Seconds that were measured whole: the last one may not have been. */
function wholeSeconds({ series, seconds }: Result): Second[] {
  return series.filter(({ second }) => second <= seconds + 0.05);
}

export function rateInterval(result: Result): Interval | null {
  const counts = wholeSeconds(result).map(({ messages }) => messages);
  const n = counts.length;
  if (n < 2) return null;
  const mean = counts.reduce((sum, count) => sum + count, 0) / n;
  const squares = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0);
  const spread = studentT(n - 1) * Math.sqrt(squares / (n - 1) / n);
  // A message more or less may fall on either side of a second's end.
  const half = Math.max(spread, 1);
  const { messages } = result.rate;
  return [Math.max(messages - half, 0), messages + half];
}

/**
 * The number of independent samples that would scatter around a percentile as
 * this run's seconds did; null where they can't tell.
 */
export function effectiveSamples(
  ecdf: Ecdf,
  result: Result,
  key: "p50" | "p99",
): number | null {
  const share = key === "p50" ? 0.5 : 0.99;
  let seconds = 0;
  let scatter = 0;
  for (const { messages, [key]: us } of wholeSeconds(result)) {
    if (us === null) continue;
    const { before, upTo } = ecdf.shareAt(us);
    const off = Math.max(before - share, share - upTo, 0);
    scatter += (off ** 2 * messages) / (share * (1 - share));
    seconds += 1;
  }
  if (seconds < 2) return null;
  const designEffect = Math.max(scatter / seconds, 1);
  // Even where each second is all of a kind, there is one sample in each.
  const samples = Math.max(ecdf.count / designEffect, seconds);
  return samples * (Z / studentT(seconds - 1)) ** 2;
}

/** @param samples how many of the samples are worth an independent one */
export function percentileInterval(
  ecdf: Ecdf,
  share: number,
  samples: number,
): Interval {
  const [fewest, most] = binomialRange(Math.round(samples), 1 - share);
  const low = ecdf.binAt(1 - (most + 1) / samples)!;
  if (fewest === 0) return [low.from, null];
  return [low.from, ecdf.binAt(1 - (fewest - 1) / samples)!.to];
}
