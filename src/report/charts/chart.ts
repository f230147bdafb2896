/**
 * What a chart of the HTML report draws: numbers and, beside each, how it
 * reads, so that the script in the page has nothing to decide.
 */
import { formatEdges, formatTimes } from "../numbers.ts";
import { formatCount } from "../../units.ts";
import { type Scale, scaleOf } from "./ticks.ts";

export interface Chart {
  id: string;
  title: string;
  /** What the axes are. */
  about: string;
  x: Axis & { label: string; values: number[]; texts: string[] };
  y: Axis;
  lines: Line[];
  /** Whether a line is drawn across unknown values. */
  bridged: boolean;
  /** Charts with the same name here move their cursors together. */
  sync: string | null;
}

interface Axis extends Scale {
  /** Of the ticks. */
  labels: string[];
}

export interface Line {
  label: string;
  /** Which of the report's colours, from 1; 0 is that of errors. */
  colour: number;
  style: "line" | "area" | "dashed" | "points";
  values: (number | null)[];
  texts: string[];
}

/** The report's colours for lines. */
export const COLOURS = 6;

export function colourOf(index: number): number {
  return (index % COLOURS) + 1;
}

export function line(
  label: string,
  colour: number,
  style: Line["style"],
  values: (number | null)[],
  format: (value: number | null) => string,
): Line {
  return { label, colour, style, values, texts: values.map(format) };
}

/** A line of times, in microseconds, told apart. */
export function timeLine(
  label: string,
  colour: number,
  style: Line["style"],
  values: (number | null)[],
): Line {
  return { label, colour, style, values, texts: formatTimes(values) };
}

export function valuesOf(lines: readonly Line[]): number[] {
  return lines.flatMap(({ values }) =>
    values.filter((value) => value !== null),
  );
}

/** Without a tick where no time is known. */
export function timeAxis(lines: readonly Line[]): Axis {
  const values = valuesOf(lines);
  const scale = scaleOf(values, true);
  if (values.length === 0) return { ...scale, ticks: [], labels: [] };
  return { ...scale, labels: formatEdges(scale.ticks) };
}

/**
 * Where a point stands for a time that can't be told: as high as it can be
 * without being cut by the edge.
 */
export function nearTop({ log, max }: Axis): number {
  return max * (log ? 0.85 : 0.98);
}

export function scaleNote({ log }: Axis): string {
  return log ? "; the scale is logarithmic" : "";
}

export function rateAxis(lines: readonly Line[]): Axis {
  const scale = scaleOf(valuesOf(lines), false);
  return { ...scale, labels: scale.ticks.map(formatCount) };
}
