/** The charts of the HTML report. */
import { highest } from "../../result/extremes.ts";
import { Ecdf, type Sampled } from "../../result/ecdf.ts";
import type {
  GoalResult,
  NamedResult,
  Result,
  Second,
} from "../../result/result.ts";
import { isP99Unanswered } from "../../result/series.ts";
import {
  type Chart,
  colourOf,
  type Line,
  line,
  rateAxis,
  scaleNote,
  timeAxis,
  valuesOf,
} from "./chart.ts";
import { levelLines, spectrumLines } from "./goal-lines.ts";
import { formatEdges, formatRate, formatTime } from "../numbers.ts";
import { formatCount } from "../../units.ts";
import { linearScale, logScale } from "./ticks.ts";

/** Those that a run tells: a file may number them as it likes. */
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

/** On the line, in the seconds that had errors. */
function errorMarks(result: Result, x: Chart["x"]): Line[] {
  const errors = bySecond(result, x, (second) => second.errors);
  if (!errors.some(Boolean)) return [];
  const values = bySecond(result, x, ({ errors: count, messages }) =>
    count > 0 ? messages : null,
  );
  const texts = errors.map((count) => formatCount(count ?? 0));
  return [{ label: "errors", colour: 0, style: "points", values, texts }];
}

/** Null where no run has a second second: one point is no line. */
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
  if (alone) lines.push(...errorMarks(result, x));
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

/**
 * At the top, in the seconds whose p99 is among messages without an answer.
 * @param top where that is
 */
function unansweredMarks(result: Result, x: Chart["x"], top: number): Line[] {
  const counts = bySecond(result, x, ({ unanswered = 0 }) => unanswered);
  const values = bySecond(result, x, (second) =>
    isP99Unanswered(second) ? top : null,
  );
  if (!values.some((value) => value !== null)) return [];
  const texts = counts.map((count) => formatCount(count ?? 0));
  return [{ label: "no answer", colour: 0, style: "points", values, texts }];
}

/** Where a mark is not cut in half by the edge. */
function nearTop({ log, max }: Chart["y"]): number {
  return max * (log ? 0.85 : 0.98);
}

/** @param goals that a run alone was to meet, or a merged one */
export function latencyChart(
  runs: readonly NamedResult[],
  goals: readonly GoalResult[] = [],
): Chart | null {
  const x = secondAxis(runs);
  const alone = runs.length === 1;
  const lines = runs.flatMap(({ name, result }, index) => {
    const p50 = bySecond(result, x, (second) => second.p50);
    const p99 = bySecond(result, x, (second) => second.p99);
    return alone
      ? [
          line("p50", 1, "line", p50, formatTime),
          line("p99", 2, "line", p99, formatTime),
        ]
      : [line(`${name} p99`, colourOf(index), "line", p99, formatTime)];
  });
  if (x.values.length < 2 || valuesOf(lines).length === 0) return null;
  const shown = alone ? [50, 99] : [99];
  lines.push(...levelLines(goals, shown, x.values.length));
  const y = timeAxis(lines);
  if (alone) lines.push(...unansweredMarks(runs[0]!.result, x, nearTop(y)));
  return {
    id: "latency",
    title: "Latency over time",
    about: `${alone ? "p50 and p99" : "p99"} of each second${scaleNote(y)}.`,
    x,
    y,
    lines,
    bridged: false,
    sync: "time",
  };
}

/** Points of the spectrum in each tenfold of 1 / (1 - percentile). */
const POINTS = 24;

/** What is exceeded by one in so many; the slowest by none, of all. */
function timeAt(ecdf: Ecdf, rarity: number): number | null {
  if (rarity > ecdf.count) return null;
  const share = rarity === ecdf.count ? 1 : 1 - 1 / rarity;
  const bin = ecdf.binAt(share);
  return bin === undefined ? null : bin.to - 1;
}

function shareText(rarity: number): string {
  const percent = 100 - 100 / rarity;
  const digits = Math.max(Math.ceil(Math.log10(rarity)) - 1, 1);
  return `p${Number(percent.toFixed(digits))}`;
}

/** @param runs each with the times of it to show */
export function spectrumChart(
  runs: readonly (Sampled & { label: string; dashed?: boolean })[],
  goals: readonly GoalResult[] = [],
): Chart | null {
  const spectra = runs.map((run) => ({ ...run, ecdf: Ecdf.of(run) }));
  const most = highest(spectra.map(({ ecdf }) => ecdf.count));
  if (most < 2) return null;
  const values = spectra.map(({ ecdf }) => ecdf.count);
  for (let point = 0; 10 ** (point / POINTS) < most; point += 1) {
    values.push(10 ** (point / POINTS));
  }
  const rarities = [...new Set(values)].toSorted((a, b) => a - b);
  const lines = spectra.map(({ label, ecdf, dashed }, index) =>
    line(
      label,
      colourOf(index),
      dashed ? "dashed" : "line",
      rarities.map((rarity) => timeAt(ecdf, rarity)),
      formatTime,
    ),
  );
  if (valuesOf(lines).length === 0) return null;
  lines.push(...spectrumLines(goals, rarities));
  const ticks = [1, 2, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8].filter(
    (tick) => tick <= most,
  );
  const y = timeAxis(lines);
  return {
    id: "spectrum",
    title: "Percentile spectrum",
    about:
      `Each step to the right is ten times rarer${scaleNote(y)}.` +
      (spectra.some(({ ecdf }) => ecdf.answered < ecdf.count)
        ? " A line ends where messages without an answer begin."
        : ""),
    x: {
      ...logScale(1, most),
      min: 1,
      max: most,
      ticks,
      label: "percentile",
      labels: ticks.map((tick) => (tick === 1 ? "min" : shareText(tick))),
      values: rarities,
      texts: rarities.map(shareText),
    },
    y,
    lines,
    bridged: true,
    sync: null,
  };
}

/** The curve that `--find-rate` walked along. */
export function searchChart(runs: readonly NamedResult[]): Chart | null {
  const searched = runs.flatMap(({ name, result: { search } }) =>
    search === null ? [] : [{ name, steps: search.steps }],
  );
  const values = [
    ...new Set(searched.flatMap(({ steps }) => steps.map(({ rate }) => rate))),
  ].toSorted((a, b) => a - b);
  if (values.length < 2) return null;
  const alone = searched.length === 1;
  const goals = runs.flatMap(({ result }) => result.goals);
  const lines = searched.flatMap(({ name, steps }, index) => {
    const at = new Map(steps.map((step) => [step.rate, step]));
    const of = (key: "p50" | "p99" | "p999") =>
      values.map((rate) => at.get(rate)?.[key] ?? null);
    if (!alone) {
      return [
        line(`${name} p99`, colourOf(index), "line", of("p99"), formatTime),
      ];
    }
    const missed = of("p99").map((us, step) =>
      at.get(values[step]!)!.met ? null : us,
    );
    return [
      line("p50", 1, "line", of("p50"), formatTime),
      line("p99", 2, "line", of("p99"), formatTime),
      line("p99.9", 3, "line", of("p999"), formatTime),
      ...levelLines(goals, [50, 99, 99.9], values.length),
      line("goals missed", 0, "points", missed, formatTime),
    ].filter((one) => valuesOf([one]).length > 0);
  });
  const scale = linearScale(0, values.at(-1)!);
  const y = timeAxis(lines);
  return {
    id: "search",
    title: "Latency by rate",
    about: `What each rate that was tried cost, in messages a second${scaleNote(y)}.`,
    x: {
      ...scale,
      label: "rate",
      labels: scale.ticks.map(formatCount),
      values,
      texts: values.map(formatRate),
    },
    y,
    lines,
    bridged: true,
    sync: null,
  };
}
