import { nameOf, type Percentile, PERCENTILES } from "../result/percentiles.ts";
import { samplesFor, type Times } from "../result/times.ts";
import { plural } from "../units.ts";
import type { Goal } from "./goals.ts";

/** A percentile's name, and how many per cent are below it. */
type Named = readonly [name: string, at: number];

const named = (key: Percentile): Named => [nameOf(key), PERCENTILES[key]];

const LOW = (["p50", "p90"] as const).map(named);
/** Those that short runs lack. */
const HIGH = (["p99", "p999"] as const).map(named);

/** Why percentiles, of the run and of its goals, are null; a line each. */
export function untoldOf(latency: Times, goals: readonly Goal[]): string[] {
  const { count, unanswered = 0 } = latency;
  const all = count + unanswered;
  if (all === 0) return [];
  const asked = goals.flatMap(({ text, of }): Named[] =>
    typeof of === "object" ? [[text.replace(/<.*/, ""), of.percentile]] : [],
  );
  const warnings: string[] = [];
  const few = [...HIGH, ...asked].filter(([, at]) => all < samplesFor(at));
  if (few.length > 0) {
    const which = [...new Set(few.map(([name]) => name))].join(" and ");
    const from = plural(all, "message");
    warnings.push(`${which} can't be told from ${from}: measure for longer`);
  }
  const [lowest] = [...LOW, ...HIGH, ...asked]
    .filter(([, at]) => all >= samplesFor(at) && at * all > count * 100)
    .toSorted(([, a], [, b]) => a - b);
  if (lowest !== undefined) {
    warnings.push(
      `${lowest[0]} and above can't be told: ${unanswered} of ` +
        `${plural(all, "message")} had no answer`,
    );
  }
  return warnings;
}
