import {
  nameOf,
  type Percentile,
  PERCENTILE_KEYS,
  PERCENTILES,
} from "../result/percentiles.ts";
import { samplesFor, type Times } from "../result/times.ts";
import { formatCount, plural } from "../units.ts";
import type { Goal } from "./goals.ts";

/** A percentile's name, and how many per cent are below it. */
type Named = readonly [name: string, at: number];

const byPlace = ([, a]: Named, [, b]: Named) => a - b;

const named = (key: Percentile): Named => [nameOf(key), PERCENTILES[key]];

/** Those that a run is expected to have. */
const HIGH = (["p99", "p999"] as const).map(named);
const ALL = PERCENTILE_KEYS.map(named);

/** Why percentiles, of the run and of its goals, are null; a line each. */
export function untoldOf(latency: Times, goals: readonly Goal[]): string[] {
  const { count, unanswered = 0 } = latency;
  const all = count + unanswered;
  if (all === 0) return [];
  const asked = goals.flatMap(({ text, of }): Named[] =>
    typeof of === "object" ? [[text.replace(/<.*/, ""), of.percentile]] : [],
  );
  const warnings: string[] = [];
  const tooFew = ([, at]: Named) => all < samplesFor(at);
  if ([...HIGH, ...asked].some(tooFew)) {
    const few = [...ALL, ...asked].filter(tooFew).toSorted(byPlace);
    const from = plural(all, "message");
    warnings.push(
      `${few[0]![0]} and above can't be told from ${from}: measure for longer`,
    );
  }
  const [lowest] = [...ALL, ...asked]
    .filter(([, at]) => all >= samplesFor(at) && at * all > count * 100)
    .toSorted(byPlace);
  if (lowest !== undefined) {
    warnings.push(
      `${lowest[0]} and above can't be told: ${formatCount(unanswered)} of ` +
        `${plural(all, "message")} had no answer`,
    );
  }
  return warnings;
}
