/** A run's figures, and how well each is known. */
import { lowest } from "./aggregates.ts";
import { Ecdf } from "./ecdf.ts";
import {
  effectiveSamples,
  type Interval,
  leastUnanswered,
  percentileInterval,
  rateInterval,
} from "./interval.ts";
import {
  byPercentile,
  type Percentile,
  PERCENTILE_KEYS,
  PERCENTILES,
} from "./percentiles.ts";
import type { Result } from "./result.ts";
import { samplesFor } from "./times.ts";

export type Measure = "rate" | Percentile | "max";

export interface Estimate {
  value: number | null;
  /**
   * 95 %; null where it can't be told. Of a rate that a search found: between
   * the highest that met the goals and the lowest that did not.
   */
  interval: Interval | null;
  /** Whether it is among messages without an answer: longer than any time. */
  unanswered: boolean;
}

/** An estimate, and where it lies for sure, as far as that is known. */
export interface Located extends Estimate {
  range: Interval | null;
}

export const MEASURES: readonly Measure[] = ["rate", ...PERCENTILE_KEYS, "max"];

const SHARES = byPercentile((key) => PERCENTILES[key] / 100);

export function estimates(result: Result): Record<Measure, Located> {
  const { latency } = result;
  const { count, unanswered = 0 } = latency;
  const all = count + unanswered;
  const ecdf = Ecdf.of(latency);
  const precisions = PERCENTILE_KEYS.flatMap((key) => {
    const samples = effectiveSamples(result, key);
    return samples === null ? [] : [{ share: SHARES[key], samples }];
  });
  const lost = leastUnanswered(result) ?? 0;
  function at(key: Percentile): Located {
    const value = latency[key];
    const share = SHARES[key];
    if (value === null) {
      const silent = all >= samplesFor(share * 100) && share * all > count;
      const range: Interval | null =
        silent && lost > 1 - share ? [Infinity, null] : null;
      return { value, interval: null, unanswered: silent, range };
    }
    const [own, ...lower] = precisions
      .filter((one) => one.share <= share)
      .toReversed();
    return located(
      value,
      own?.share === share ? percentileInterval(ecdf, own, lower) : null,
    );
  }
  return {
    rate: rateOf(result),
    ...byPercentile(at),
    max: {
      ...located(latency.max, null),
      unanswered: latency.max === null && unanswered > 0,
    },
  };
}

function located(value: number | null, interval: Interval | null): Located {
  return { value, interval, unanswered: false, range: interval };
}

function rateOf(result: Result): Located {
  const { rate, search } = result;
  if (search === null) return located(rate.messages, rateInterval(result));
  const missed = search.steps.filter(
    (step) => !step.met && step.rate > search.rate,
  );
  const limit =
    missed.length > 0 ? lowest(missed.map((one) => one.rate)) : null;
  return located(search.rate, [search.rate, limit]);
}
