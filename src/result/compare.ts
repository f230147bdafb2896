import { differences } from "./conditions.ts";
import {
  type Estimate,
  estimates,
  type Located,
  type Measure,
  MEASURES,
} from "./estimates.ts";
import type { Interval } from "./interval.ts";
import { planKept } from "./kept.ts";
import type { NamedResult, Result } from "./result.ts";

export interface Comparison {
  base: NamedResult;
  others: Compared[];
}

export interface Compared extends NamedResult {
  /** What was not the same in the two runs: `size: 64 → 1024`. */
  differs: string[];
  changes: Change[];
}

/** One figure of two runs. */
export interface Change {
  measure: Measure;
  unit: "messages/s" | "us";
  base: Estimate;
  other: Estimate;
  /** 0.1 is a tenth more; null where one of them is unknown. */
  change: number | null;
  /** `planned`: the rates differ since they were planned to. */
  verdict: "better" | "worse" | "within noise" | "planned" | "unknown";
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
      return {
        name,
        result,
        differs: differences(base.result, result),
        changes: MEASURES.map((measure): Change => {
          const [one, two] = [before[measure], after[measure]];
          const verdict =
            measure === "rate"
              ? judgeRates(base.result, result, one.range, two.range)
              : judge(measure, one.range, two.range);
          return { ...changeOf(measure, one, two), verdict };
        }),
      };
    }),
  };
}

function changeOf(
  measure: Measure,
  { range: _before, ...base }: Located,
  { range: _after, ...other }: Located,
): Omit<Change, "verdict"> {
  const known = base.value !== null && other.value !== null;
  return {
    measure,
    unit: measure === "rate" ? "messages/s" : "us",
    base,
    other,
    change: known && base.value ? other.value! / base.value - 1 : null,
  };
}

/**
 * Rates of one plan, or of two searches, are judged as they are. Of two plans
 * the difference is whoever planned them, unless one was not reached: then it is
 * all that the server did, and the other may show that more, or less, can be had.
 */
function judgeRates(
  base: Result,
  other: Result,
  before: Interval | null,
  after: Interval | null,
): Change["verdict"] {
  const searches = [base, other].filter(({ search }) => search !== null);
  if (searches.length === 2) return judge("rate", before, after);
  if (searches.length === 1) return "planned";
  if (base.rate.planned === other.rate.planned) {
    return judge("rate", before, after);
  }
  if (![base, other].some(isPlanMissed)) return "planned";
  const verdict = judge("rate", possible(base, before), possible(other, after));
  return verdict === "within noise" ? "unknown" : verdict;
}

/** Which rates a server can answer: a plan that was kept says nothing of more. */
function possible(result: Result, interval: Interval | null): Interval | null {
  const kept = result.rate.planned !== null && !isPlanMissed(result);
  return interval && kept ? [interval[0], null] : interval;
}

function isPlanMissed(result: Result): boolean {
  return result.rate.planned !== null && !planKept(result);
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
