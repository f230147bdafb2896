/** A result's numbers as people read them. */
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatRate as knownRate,
} from "../units.ts";

/** What stands where a number can't be told. */
export const NONE = "–";

function digits(value: number): string {
  if (value >= 99.95) return value.toFixed(0);
  return String(Number(value.toFixed(value >= 9.995 ? 1 : 2)));
}

/** `63 µs`, `1.24 ms`, `2.05 s` from microseconds; `–` from null. */
export function formatTime(us: number | null): string {
  if (us === null) return NONE;
  return us < 999.5 ? `${digits(us)} µs` : formatDuration(us / 1000);
}

/** A time as the end of a range or the tick of a scale: `2 ms`, not `2.00 ms`. */
export function formatEdge(us: number): string {
  return formatTime(us)
    .replace(/(\.\d*?)0+ /, "$1 ")
    .replace(". ", " ");
}

/** Microseconds of a unit, and below how many of them it is told in it. */
const UNITS = [
  ["µs", 1, 999.5],
  ["ms", 1000, 999_500],
  ["s", 1_000_000, Infinity],
] as const;

/** How many digits formatTime() has behind the point. */
function usualDigits(value: number, unit: string): number {
  // Minutes and whole seconds: `1m 05s`.
  if (value >= 99.95 || (unit === "s" && value >= 59.95)) return 0;
  return value >= 9.995 ? 1 : 2;
}

/** A second to the microsecond: no time is known any better. */
const MOST_DIGITS = 6;

/** Times, each with digits enough to differ from its neighbours. */
function toldApart(
  values: readonly number[],
  usual: (us: number) => string,
): string[] {
  return values.map((us, index) => {
    const steps = [values[index - 1], values[index + 1]]
      .map((neighbour) => Math.abs((neighbour ?? us) - us))
      .filter((step) => step > 0);
    const [unit, size] = UNITS.find(([, , below]) => us < below)!;
    const step = Math.min(...steps) / size;
    const needed = Math.min(Math.ceil(-Math.log10(step) - 1e-9), MOST_DIGITS);
    return steps.length === 0 || needed <= usualDigits(us / size, unit)
      ? usual(us)
      : `${(us / size).toFixed(needed)} ${unit}`;
  });
}

/**
 * Times as the ends of ranges or the ticks of a scale: `10.02 ms`, `10.04 ms`.
 * @param values in order, in microseconds
 */
export function formatEdges(values: readonly number[]): string[] {
  return toldApart(values, formatEdge);
}

/** Times beside each other, as formatTime() tells them where that will do. */
export function formatTimes(values: readonly number[]): string[] {
  return toldApart(values, formatTime);
}

/** As units.ts has it, or `–` from null. */
export function formatRate(rate: number | null): string {
  return rate === null ? NONE : knownRate(rate);
}

export function formatByteRate(bytes: number): string {
  return `${formatBytes(bytes)}/s`;
}

/** `41.2 %`, `0.031 %`, `<0.001 %`, `105.0 %` from a share of 1. */
export function formatShare(share: number): string {
  const percent = share * 100;
  if (percent === 0 || percent === 100) return `${percent} %`;
  if (percent < 0.001) return "<0.001 %";
  // What is short of all must not read as all.
  if (percent > 99.9 && percent < 100) return ">99.9 %";
  return percent < 0.95
    ? `${Number(percent.toPrecision(2))} %`
    : `${percent.toFixed(1)} %`;
}

/** `+4.9 %`, `−12 %`, `×3.2`: a change of 0.05 is a twentieth more. */
export function formatChange(change: number | null): string {
  if (change === null) return NONE;
  if (change >= 1) return `×${digits(change + 1)}`;
  const percent = Number((change * 100).toFixed(1));
  if (percent === 0) return "0 %";
  return `${percent > 0 ? "+" : "−"}${Math.abs(percent)} %`;
}

/** `1 error`, `12,000 errors`. */
export function counted(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;
}
