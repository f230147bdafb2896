import {
  formatBytes,
  formatCount,
  formatDuration,
  parseCount,
  parseDuration,
  parseSize,
} from "../units.ts";

/** What a figure counts: seconds, bytes, connections, bytes a second. */
export type Unit = "time" | "size" | "count" | "speed";

/** How each unit is written, with an example. */
const WRITTEN: Record<Unit, string> = {
  time: "350s",
  size: "1400",
  count: "100",
  speed: "10MB",
};

/** @throws RangeError */
export function parseFigure(text: string, unit: Unit): number {
  switch (unit) {
    case "time":
      return parseDuration(text) / 1000;
    case "size":
      return parseSize(text);
    case "speed":
      return parseSize(text.replace(/\/s$/, ""));
    case "count":
      return parseCount(text);
  }
}

export function formatFigure(value: number, unit: Unit): string {
  switch (unit) {
    case "time":
      return formatDuration(value * 1000);
    case "size":
      return formatBytes(value);
    case "speed":
      return `${formatBytes(value)}/s`;
    case "count":
      return formatCount(value);
  }
}

export function exampleOf(unit: Unit): string {
  return WRITTEN[unit];
}
