import { nameOf, type Percentile } from "../../result/percentiles.ts";
import type {
  GoalResult,
  NamedResult,
  SearchStep,
} from "../../result/result.ts";
import { formatCount } from "../../units.ts";
import { formatRate, formatTime } from "../numbers.ts";
import {
  type Chart,
  colourOf,
  type Line,
  nearTop,
  scaleNote,
  timeAxis,
  timeLine,
  valuesOf,
} from "./chart.ts";
import { levelLines } from "./goal-lines.ts";
import { linearScale } from "./ticks.ts";

/** Latency at each rate that `--find-rate` tried. */
export function searchChart(runs: readonly NamedResult[]): Chart | null {
  const searched = runs.flatMap(({ name, result: { search } }) =>
    search === null ? [] : [{ name, steps: search.steps }],
  );
  const rates = [
    ...new Set(searched.flatMap(({ steps }) => steps.map(({ rate }) => rate))),
  ].toSorted((a, b) => a - b);
  if (rates.length < 2) return null;
  const goals = runs.flatMap(({ result }) => result.goals);
  const [first] = searched;
  const lines = (
    searched.length === 1
      ? linesOfOne(first!.steps, rates, goals)
      : searched.map(({ name, steps }, index) =>
          timeLine(
            `${name} p99`,
            colourOf(index),
            "line",
            byRate(steps, rates, "p99"),
          ),
        )
  ).filter((one) => valuesOf([one]).length > 0);
  const scale = linearScale(0, rates.at(-1)!);
  const y = timeAxis(lines);
  for (const { name, steps } of searched) {
    const of = searched.length === 1 ? "" : `${name}: `;
    lines.push(...missedMarks(steps, rates, nearTop(y), of));
  }
  return {
    id: "search",
    title: "Latency by rate",
    about: `What each rate that was tried cost, in messages a second${scaleNote(y)}.`,
    x: {
      ...scale,
      label: "rate",
      labels: scale.ticks.map(formatCount),
      values: rates,
      texts: rates.map(formatRate),
    },
    y,
    lines,
    bridged: true,
    sync: null,
  };
}

/** Of a search alone; of several, there is room for one each. */
const SHOWN = ["p50", "p99", "p999"] as const;

function linesOfOne(
  steps: readonly SearchStep[],
  rates: readonly number[],
  goals: readonly GoalResult[],
): Line[] {
  return [
    ...SHOWN.map((key, index) =>
      timeLine(nameOf(key), colourOf(index), "line", byRate(steps, rates, key)),
    ),
    ...levelLines(goals, SHOWN, rates.length),
  ];
}

/**
 * Points on the line of p99, at the rates that missed a goal.
 * @param top where they are if there is no p99
 */
function missedMarks(
  steps: readonly SearchStep[],
  rates: readonly number[],
  top: number,
  of: string,
): Line[] {
  const missed = steps.filter(({ met }) => !met);
  if (missed.length === 0) return [];
  const p99 = byRate(missed, rates, "p99");
  return [
    {
      label: `${of}goals missed`,
      colour: 0,
      style: "points",
      values: rates.map((rate, at) =>
        missed.some((step) => step.rate === rate) ? (p99[at] ?? top) : null,
      ),
      texts: p99.map(formatTime),
    },
  ];
}

/** A percentile at each rate; null where there is no step at that. */
function byRate(
  steps: readonly SearchStep[],
  rates: readonly number[],
  key: Percentile,
): (number | null)[] {
  const at = new Map(steps.map((step) => [step.rate, step[key]]));
  return rates.map((rate) => at.get(rate) ?? null);
}
