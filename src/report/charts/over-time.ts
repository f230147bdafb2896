/** What a run did, second by second. */
import type {
  GoalResult,
  NamedResult,
  Result,
  Second,
} from "../../result/result.ts";
import { sumOf } from "../../result/aggregates.ts";
import { isP99Unanswered } from "../../result/series.ts";
import { formatCount } from "../../units.ts";
import { formatEdges, formatRate } from "../numbers.ts";
import {
  type Chart,
  colourOf,
  type Line,
  line,
  nearTop,
  rateAxis,
  scaleNote,
  timeAxis,
  timeLine,
  valuesOf,
} from "./chart.ts";
import { levelLines } from "./goal-lines.ts";
import { linearScale } from "./ticks.ts";

/** The seconds that the runs have: a file may leave out any. */
function secondAxis(runs: readonly NamedResult[]): Chart["x"] {
  const told = runs.flatMap(({ result }) =>
    result.series.map(({ second }) => second),
  );
  const values = [...new Set(told)].toSorted((a, b) => a - b);
  const last = Math.max(values.at(-1) ?? 0, 2);
  const ticks = linearScale(1, last).ticks.filter(Number.isInteger);
  return {
    log: false,
    min: 1,
    max: last,
    ticks,
    label: "second",
    labels: formatEdges(ticks.map((second) => second * 1e6)),
    values,
    texts: values.map((second) => formatCount(second)),
  };
}

/** A figure of each second; null where a run had no such second. */
function bySecond(
  { series }: Result,
  x: Chart["x"],
  of: (second: Second) => number | null,
): (number | null)[] {
  const values = new Map(series.map((one) => [one.second, of(one)]));
  return x.values.map((second) => values.get(second) ?? null);
}

/** Points on a line of throughput, in the seconds that had errors. */
function errorMarks(result: Result, x: Chart["x"], label: string): Line[] {
  const errors = bySecond(result, x, (second) => second.errors);
  if (!errors.some(Boolean)) return [];
  const values = bySecond(result, x, ({ errors: count, messages }) =>
    count > 0 ? messages : null,
  );
  const texts = errors.map((count) => formatCount(count ?? 0));
  return [{ label, colour: 0, style: "points", values, texts }];
}

/** Null where there is only one second: a point is no line. */
export function throughputChart(runs: readonly NamedResult[]): Chart | null {
  const x = secondAxis(runs);
  if (x.values.length < 2) return null;
  const alone = runs.length === 1;
  const lines = runs.map(({ name, result }, index) =>
    line(
      alone ? "achieved" : name,
      colourOf(index),
      alone ? "area" : "line",
      bySecond(result, x, ({ messages }) => messages),
      formatRate,
    ),
  );
  const [{ result }] = runs as [NamedResult];
  const { planned } = result.rate;
  if (alone && planned !== null) {
    const values = x.values.map(() => planned);
    lines.push(line("planned", 2, "dashed", values, formatRate));
  }
  for (const run of runs) {
    const label = alone ? "errors" : `${run.name} errors`;
    lines.push(...errorMarks(run.result, x, label));
  }
  return {
    id: "throughput",
    title: "Throughput over time",
    about: "Messages answered in each second.",
    x,
    y: rateAxis(lines),
    lines,
    bridged: false,
    sync: "time",
  };
}

/** How many have none, in the seconds whose p99 is among these. */
function unansweredBySecond(result: Result, x: Chart["x"]) {
  return bySecond(result, x, (second) =>
    isP99Unanswered(second) ? (second.unanswered ?? 0) : null,
  );
}

/**
 * Points in the seconds in which some run's p99 is among messages without an
 * answer: of all runs together, since they are all drawn at the top.
 */
function unansweredMarks(
  runs: readonly NamedResult[],
  x: Chart["x"],
  top: number,
): Line[] {
  const counts = runs.map(({ result }) => unansweredBySecond(result, x));
  const told = x.values.map((_, at) =>
    counts.flatMap((count) => count[at] ?? []),
  );
  if (told.every(({ length }) => length === 0)) return [];
  return [
    {
      label: "no answer",
      colour: 0,
      style: "points",
      values: told.map(({ length }) => (length > 0 ? top : null)),
      texts: told.map((some) => formatCount(sumOf(some))),
    },
  ];
}

/** @param goals that a run alone was to meet, or a merged one */
export function latencyChart(
  runs: readonly NamedResult[],
  goals: readonly GoalResult[] = [],
): Chart | null {
  const x = secondAxis(runs);
  const alone = runs.length === 1;
  const shown: readonly ("p50" | "p99")[] = alone ? ["p50", "p99"] : ["p99"];
  const lines = runs.flatMap(({ name, result }, run) =>
    shown.map((key, index) =>
      timeLine(
        alone ? key : `${name} ${key}`,
        colourOf(alone ? index : run),
        "line",
        bySecond(result, x, (second) => second[key]),
      ),
    ),
  );
  const known = valuesOf(lines).length > 0;
  lines.push(...levelLines(goals, shown, x.values.length));
  const y = timeAxis(lines);
  const marks = unansweredMarks(runs, x, nearTop(y));
  if (x.values.length < 2 || !(known || marks.length > 0)) return null;
  lines.push(...marks);
  return {
    id: "latency",
    title: "Latency over time",
    about: `${shown.join(" and ")} of each second${scaleNote(y)}.`,
    x,
    y,
    lines,
    bridged: false,
    sync: "time",
  };
}
