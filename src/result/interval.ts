/**
 * Confidence intervals, 95 %, of what one run measured: what another run of the
 * same kind would have to leave to be called different.
 *
 * Messages are not independent samples: one pause delays thousands of them, so
 * an interval that counts each would be absurdly narrow. The seconds of a run
 * are taken as the samples instead, as a survey takes clusters:
 *
 * - A rate is the mean of its seconds.
 * - A percentile has Woodruff's interval ("Confidence Intervals for Medians and
 *   Other Position Measures", JASA 47, 1952): the binomial interval of the
 *   share, read off the cumulative distribution. Its number of samples is the
 *   effective one of Korn and Graubard ("Confidence Intervals for Proportions
 *   with Small Expected Number of Positive Counts", Survey Methodology 24,
 *   1998): as many independent ones as would leave the share of messages that
 *   take longer as uncertain as this run's seconds do.
 *
 * Both take their uncertainty from margin.ts.
 *
 * What differs from one run to the next, such as where memory came to lie or
 * what else the machine did, shows in no single run and in no such interval.
 */
import { sumOf } from "./aggregates.ts";
import type { Ecdf } from "./ecdf.ts";
import { marginOf, studentT, Z } from "./margin.ts";
import type { Percentile } from "./percentiles.ts";
import type { Result } from "./result.ts";
import { wholeSeconds } from "./series.ts";

/** Null where there is no limit: too few samples lie beyond it. */
export type Interval = [low: number, high: number | null];

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

export function rateInterval(result: Result): Interval | null {
  const counts = wholeSeconds(result).map(({ messages }) => messages);
  const margin = marginOf(counts);
  if (margin === null) return null;
  // A message more or less may fall on either side of a second's end.
  const half = Math.max(margin, 1);
  const { messages } = result.rate;
  return [Math.max(messages - half, 0), messages + half];
}

/**
 * The number of independent samples that would tell a percentile as well as
 * this run does; null where its seconds don't say.
 */
export function effectiveSamples(
  result: Result,
  key: Percentile,
): number | null {
  const seconds = wholeSeconds(result);
  const above = seconds.map((second) => second.above?.[key] ?? null);
  if (!above.every((count) => count !== null)) return null;
  const sizes = seconds.map(
    ({ messages, unanswered = 0 }) => messages + unanswered,
  );
  const total = sumOf(sizes);
  const share = sumOf(above) / total;
  // Where all of the slow ones took equally long, none is above.
  if (!(share > 0 && share < 1)) return null;
  // Of a second with more messages, more are expected to be above.
  const surplus = sizes.map((size, index) => above[index]! - share * size);
  const margin = marginOf(surplus);
  if (margin === null) return null;
  const { count, unanswered = 0 } = result.latency;
  const all = count + unanswered;
  const shareMargin = (margin * seconds.length) / total;
  return Math.min(
    share * (1 - share) * (Z / shareMargin) ** 2,
    // Seconds may be more alike by chance than independent samples would be.
    all * (Z / studentT(seconds.length - 1)) ** 2,
  );
}

/**
 * The least share of messages, 97.5 %, that are left without an answer in runs
 * of this kind; null where its seconds don't say.
 */
export function leastUnanswered(result: Result): number | null {
  const seconds = wholeSeconds(result);
  const lost = seconds.map(({ unanswered = 0 }) => unanswered);
  const sizes = seconds.map(({ messages }, at) => messages + lost[at]!);
  const total = sumOf(sizes);
  const share = sumOf(lost) / total;
  const margin = marginOf(sizes.map((size, at) => lost[at]! - share * size));
  return margin === null ? null : share - (margin * seconds.length) / total;
}

/** A percentile, as the share of samples below it, and how well it is known. */
export interface Precision {
  share: number;
  /** The number of independent samples that would tell it as well. */
  samples: number;
}

/** @param lower percentiles of the same run, the nearest first */
export function percentileInterval(
  ecdf: Ecdf,
  { share, samples }: Precision,
  lower: readonly Precision[] = [],
): Interval {
  const [fewest] = binomialRange(Math.round(samples), 1 - share);
  const low = ecdf.binAt(lowEnd({ share, samples }, lower))!.from;
  if (fewest === 0) return [low, null];
  return [low, ecdf.binAt(1 - (fewest - 1) / samples)?.to ?? null];
}

/**
 * One pause may have all that is slower than p99.9, and fifteen times as many
 * that are a little faster: how sure it is that a run has such pauses is then
 * told by how far p99 may be off. So an end is as uncertain as any percentile on
 * the way to it, up to the first beyond it.
 */
function lowEnd(
  { share, samples }: Precision,
  lower: readonly Precision[],
): number {
  let fewest = samples;
  let end = shareBelow(share, fewest);
  for (const next of lower) {
    if (next.samples < fewest) {
      fewest = next.samples;
      end = Math.min(end, shareBelow(share, fewest));
    }
    if (end >= next.share) break;
  }
  return end;
}

function shareBelow(share: number, samples: number): number {
  const [, most] = binomialRange(Math.round(samples), 1 - share);
  return 1 - (most + 1) / samples;
}
