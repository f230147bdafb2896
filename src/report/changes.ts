/** A comparison in words, which its page and its HTML report both show. */
import type { Change, Compared, Comparison } from "../result/compare.ts";
import type { Estimate, Measure } from "../result/estimates.ts";
import { byPercentile, nameOf } from "../result/percentiles.ts";
import type { Result } from "../result/result.ts";
import { reasonOf, reasonsOf } from "./verdict.ts";
import {
  formatChange,
  formatEdges,
  formatRate,
  formatTimes,
} from "./numbers.ts";

export const MEASURES: Record<Measure, string> = {
  rate: "rate",
  ...byPercentile(nameOf),
  max: "max",
};

const VERDICTS: Record<Change["verdict"], string> = {
  better: "better",
  worse: "worse",
  "within noise": "within noise",
  planned: "plans differ",
  unknown: "can't tell",
};

const ABOUT_INTERVALS =
  "Below each figure: its 95 % interval, from how much the run's own seconds " +
  "differ. Intervals that overlap are within noise. What differs from one run " +
  "to the next is not in them: repeat both sides, in turn, before you trust a " +
  "small change.";

const ABOUT_UNANSWERED =
  " Messages without an answer took longer than all others: a percentile " +
  "among them is above any time.";

const ABOUT_SEARCHES =
  " A rate that was searched lies between the highest that met the goals and " +
  "the lowest that did not.";

/** How to read a comparison. */
export function aboutComparison({ base, others }: Comparison): string {
  const results = [base, ...others].map(({ result }) => result);
  const incomplete = results.some(({ latency }) => latency.unanswered);
  const searched = results.some(({ search }) => search !== null);
  return (
    ABOUT_INTERVALS +
    (incomplete ? ABOUT_UNANSWERED : "") +
    (searched ? ABOUT_SEARCHES : "")
  );
}

export interface ChangeRow {
  measure: string;
  base: string;
  baseInterval: string;
  other: string;
  otherInterval: string;
  change: string;
  verdict: string;
}

export function changeRows({ changes }: Compared): ChangeRow[] {
  return changes.map((change) => {
    const { base, other } = change;
    const [before, after] = figuresOf(change);
    return {
      measure: MEASURES[change.measure],
      base: before!,
      baseInterval: intervalOf(change, base),
      other: after!,
      otherInterval: intervalOf(change, other),
      change: formatChange(change.change),
      verdict: VERDICTS[change.verdict],
    };
  });
}

/** Both figures, with as many digits as their difference needs. */
function figuresOf({ unit, base, other }: Change): string[] {
  const values = [base.value, other.value];
  if (unit === "messages/s") return values.map(formatRate);
  const told = formatTimes(values);
  return [base, other].map(({ unanswered }, index) =>
    unanswered ? "no answer" : told[index]!,
  );
}

/** `79–82 µs`, `0.98–1.02 ms`, `over 129 µs`. */
function intervalOf({ unit }: Change, { interval }: Estimate): string {
  if (interval === null) return "";
  const [low, high] = interval;
  const format = (values: number[]) =>
    unit === "us" ? formatEdges(values) : values.map(formatRate);
  if (high === null) return `over ${format([low])[0]}`;
  const [from, to] = format([low, high]) as [string, string];
  const [, number, suffix] = /^([\d.,]+)(\D+)$/.exec(from) ?? [];
  return suffix !== undefined && to.endsWith(suffix)
    ? `${number}–${to}`
    : `${from}–${to}`;
}

/** That it failed, what is better and what is worse, in a line. */
export function summaryOf({ changes, result }: Compared): string {
  const failed =
    result.verdict === "fail" ? [`it failed: ${reasonOf(result)}`] : [];
  const told = (["better", "worse"] as const).flatMap((verdict) => {
    const some = changes
      .filter((change) => change.verdict === verdict)
      .map((change) =>
        `${MEASURES[change.measure]} ${amountOf(change)}`.replaceAll(
          " ",
          "\u00a0",
        ),
      );
    return some.length > 0 ? [`${verdict}: ${some.join(", ")}`] : [];
  });
  if (told.length === 0) told.push(noneFound(changes));
  return [...failed, ...told].join("; ");
}

/** `p99, p99.9 and max`. */
function listed(names: readonly string[]): string {
  return names.join(", ").replace(/, (?=[^,]*$)/, " and ");
}

function amountOf({ base, other, change }: Change): string {
  if (other.unanswered) return "no answer";
  if (base.unanswered) return "answered";
  return formatChange(change);
}

/** That no change was found, unless nobody could have found one. */
function noneFound(changes: readonly Change[]): string {
  const silent = changes
    .filter(({ base, other }) => other.unanswered && !base.unanswered)
    .map(({ measure }) => MEASURES[measure]);
  if (silent.length > 0) {
    const have = silent.length === 1 ? "has" : "have";
    return `${listed(silent)} ${have} no answer, which may be noise`;
  }
  const judged = changes.some(({ verdict }) => verdict === "within noise");
  return judged
    ? "no change beyond noise"
    : "what changed can't be told: measure for longer";
}

/** What `report --compare --json` prints: docs/comparison.schema.json. */
export function comparisonJson({ base, others }: Comparison): unknown {
  return {
    version: 1,
    kind: "comparison",
    base: base.name,
    ...verdictOf(base.result),
    others: others.map(({ name, result, differs, changes }) => ({
      name,
      ...verdictOf(result),
      differs,
      changes,
    })),
  };
}

function verdictOf(result: Result) {
  const { verdict } = result;
  return { verdict, reasons: verdict === "fail" ? reasonsOf(result) : [] };
}
