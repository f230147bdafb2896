/** Which time each percentile is, up to the rarest. */
import { Ecdf, type Sampled } from "../../result/ecdf.ts";
import { highest } from "../../result/aggregates.ts";
import type { GoalResult } from "../../result/result.ts";
import {
  type Chart,
  colourOf,
  scaleNote,
  timeAxis,
  timeLine,
  valuesOf,
} from "./chart.ts";
import { spectrumLines } from "./goal-lines.ts";
import { logScale } from "./ticks.ts";

/** Points of the spectrum in each decade of 1 / (1 - percentile). */
const POINTS = 24;

/**
 * The time that one message in so many exceeds; where that is one in all, the
 * slowest. Null where it can't be told.
 */
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
    timeLine(
      label,
      colourOf(index),
      dashed ? "dashed" : "line",
      rarities.map((rarity) => timeAt(ecdf, rarity)),
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
