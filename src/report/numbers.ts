/** A result's numbers as people read them. */
import {
  formatBytes,
  formatNumber,
  formatRate as knownRate,
  formatTime as knownTime,
  formatTimes as knownTimes,
  MOST_DIGITS,
  threeDigits,
  toldApart,
} from "../units.ts";

/** What stands where a number can't be told. */
export const NONE = "–";

/** `63 µs`, `1.24 ms`, `2.05 s` from microseconds; `–` from null. */
export function formatTime(us: number | null): string {
  return us === null ? NONE : knownTime(us);
}

/** A time as the end of a range or the tick of a scale: `2 ms`, not `2.00 ms`. */
export function formatEdge(us: number): string {
  return formatTime(us)
    .replace(/(\.\d*?)0+ /, "$1 ")
    .replace(". ", " ");
}

/** How many digits behind its point a number has, up to so many. */
function digitsOf(value: number): number {
  let digits = 0;
  const isExact = () => Math.abs(value - Number(value.toFixed(digits))) < 1e-9;
  while (digits < MOST_DIGITS && !isExact()) digits += 1;
  return digits;
}

/**
 * Times as the ends of ranges or the ticks of a scale: `10.02 ms`, `10.04 ms`.
 * @param values in order, in microseconds
 */
export function formatEdges(values: readonly number[]): string[] {
  return toldApart(values, formatEdge);
}

/** As formatEdges(), none of them rounded: what is below one is below it. */
export function formatBounds(values: readonly number[]): string[] {
  return toldApart(values, formatEdge, digitsOf);
}

/** A time, told apart from a limit however near it is. */
export function formatAgainst(us: number, limit = us): string {
  return knownTimes([us, limit], () => 0)[0]!;
}

/**
 * Times beside each other, as formatTime() tells them where that will do, and
 * with more digits where they would read the same: `10.05 ms`, `10.10 ms`.
 */
export function formatTimes(values: readonly (number | null)[]): string[] {
  const known = knownTimes(values.filter((us) => us !== null)).values();
  return values.map((us) => (us === null ? NONE : known.next().value!));
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
  if (change >= 1) {
    return `×${formatNumber(Number(threeDigits(change + 1)))}`;
  }
  const percent = Number((change * 100).toFixed(1));
  if (percent === 0) return "0 %";
  return `${percent > 0 ? "+" : "−"}${Math.abs(percent)} %`;
}
