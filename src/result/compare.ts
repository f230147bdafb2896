import { formatNumber } from "../units.ts";
import { Ecdf } from "./ecdf.ts";
import {
  effectiveSamples,
  type Interval,
  percentileInterval,
  rateInterval,
} from "./interval.ts";
import {
  byPercentile,
  type Percentile,
  PERCENTILE_KEYS,
  PERCENTILES,
} from "./percentiles.ts";
import type { NamedResult, Result, ResultOptions } from "./result.ts";

export interface Comparison {
  base: NamedResult;
  others: Compared[];
}

export interface Compared extends NamedResult {
  /** What was not the same in the two runs: `size: 64 → 1024`. */
  differs: string[];
  changes: Change[];
}

export type Measure = "rate" | Percentile | "max";

/** One figure of two runs. */
export interface Change {
  measure: Measure;
  unit: "messages/s" | "us";
  base: Estimate;
  other: Estimate;
  /** 0.1 is a tenth more; null where one of them is unknown. */
  change: number | null;
  /** `planned`: the rates that were asked for differ, so these say nothing. */
  verdict: "better" | "worse" | "within noise" | "planned" | "unknown";
}

export interface Estimate {
  value: number | null;
  /** 95 %; null where it can't be told. */
  interval: Interval | null;
}

/**
 * Sets each of the others against the first.
 *
 * A figure has changed where its two intervals (see interval.ts) have no value
 * in common. That is stricter than a test of the difference at 5 % (Schenker
 * and Gentleman, "On Judging the Significance of Differences by Examining the
 * Overlap Between Confidence Intervals", The American Statistician 55, 2001),
 * which suits a table of several figures: one in twenty of those would be
 * called changed without a cause. A maximum is one sample: it has no interval.
 */
export function compare(
  base: NamedResult,
  others: readonly NamedResult[],
): Comparison {
  const before = estimates(base.result);
  return {
    base,
    others: others.map(({ name, result }) => {
      const after = estimates(result);
      const replanned = base.result.rate.planned !== result.rate.planned;
      return {
        name,
        result,
        differs: differences(base.result, result),
        changes: MEASURES.map((measure): Change => {
          const change = changeOf(measure, before[measure], after[measure]);
          return measure === "rate" && replanned
            ? { ...change, verdict: "planned" }
            : change;
        }),
      };
    }),
  };
}

const MEASURES: readonly Measure[] = ["rate", ...PERCENTILE_KEYS, "max"];

const SHARES = byPercentile((key) => PERCENTILES[key] / 100);

function estimates(result: Result): Record<Measure, Estimate> {
  const { latency, rate } = result;
  const ecdf = Ecdf.of(latency);
  const precisions = PERCENTILE_KEYS.flatMap((key) => {
    const samples = effectiveSamples(result, key);
    return samples === null ? [] : [{ share: SHARES[key], samples }];
  });
  function at(key: Percentile): Estimate {
    const value = latency[key];
    const [own, ...lower] = precisions
      .filter(({ share }) => share <= SHARES[key])
      .toReversed();
    if (value === null || own?.share !== SHARES[key]) {
      return { value, interval: null };
    }
    return { value, interval: percentileInterval(ecdf, own, lower) };
  }
  return {
    rate: { value: rate.messages, interval: rateInterval(result) },
    ...byPercentile(at),
    max: { value: latency.max, interval: null },
  };
}

function changeOf(measure: Measure, base: Estimate, other: Estimate): Change {
  const known = base.value !== null && other.value !== null;
  return {
    measure,
    unit: measure === "rate" ? "messages/s" : "us",
    base,
    other,
    change: known && base.value ? other.value! / base.value - 1 : null,
    verdict: judge(measure, base.interval, other.interval),
  };
}

function judge(
  measure: Measure,
  base: Interval | null,
  other: Interval | null,
): Change["verdict"] {
  if (base === null || other === null) return "unknown";
  const rises = isBelow(base, other);
  if (!rises && !isBelow(other, base)) return "within noise";
  return rises === (measure === "rate") ? "better" : "worse";
}

/** Intervals that touch have a value in common. */
function isBelow([, high]: Interval, [low]: Interval): boolean {
  return high !== null && high < low;
}

/** Options that a run's figures depend on. */
const OPTIONS = [
  "size",
  "pipeline",
  "duration",
  "messages",
  "rate",
  "arrivals",
  "warmup",
  "ramp",
  "workers",
] as const satisfies readonly (keyof ResultOptions)[];

function differences(base: Result, other: Result): string[] {
  const [before, after] = [conditionsOf(base), conditionsOf(other)];
  return (
    Object.keys(before)
      .filter((key) => before[key] !== after[key])
      // Of results of older versions nothing is known of some.
      .filter((key) => before[key] !== undefined && after[key] !== undefined)
      .map((key) => `${key}: ${told(before[key])} → ${told(after[key])}`)
  );
}

function told(value: string | number | null | undefined): string {
  return typeof value === "number" ? formatNumber(value) : (value ?? "none");
}

/** Key by key: a file may have others, with values of any type. */
function conditionsOf({
  target,
  reply,
  options,
  connections,
  host,
}: Result): Record<string, string | number | null | undefined> {
  return {
    target,
    reply,
    connections: connections.planned,
    ...Object.fromEntries(OPTIONS.map((key) => [key, options[key]])),
    host: host?.name,
    cores: host?.cores,
    sounder: host?.sounder,
    bun: host?.bun,
  };
}
