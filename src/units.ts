/** Bytes, durations and counts as people write them: parsed and printed. */

const BYTES: Record<string, number> = {
  "": 1,
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};
const MILLISECONDS: Record<string, number> = {
  ms: 1,
  s: 1e3,
  m: 60e3,
  h: 3600e3,
};
const COUNTS: Record<string, number> = { "": 1, k: 1e3, K: 1e3, M: 1e6 };

/** In milliseconds: a timer takes anything longer for 1 ms. */
export const LONGEST_TIMER = 2 ** 31 - 1;

/** NaN where it is no number with one of these units. */
function parse(text: string, units: Record<string, number>): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(text) ?? [];
  if (unit === undefined || !Object.hasOwn(units, unit)) return NaN;
  return Number(digits) * units[unit]!;
}

function parseWhole(
  text: string,
  units: Record<string, number>,
  examples: string,
): number {
  // 1.1MB is 1100000.0000000002 in binary floating point.
  const exact = parse(text, units);
  const value = Math.round(exact);
  if (!Number.isSafeInteger(value) || Math.abs(exact - value) > 1e-6) {
    throw new RangeError(`"${text}" is not ${examples}`);
  }
  return value;
}

/** Bytes in `64`, `16KiB` (1024s) or `4MB` (1000s). @throws RangeError */
export function parseSize(text: string): number {
  return parseWhole(text, BYTES, "a size, such as 64, 16KiB or 4MB");
}

/** How many in `1000`, `10k` or `2M`. @throws RangeError */
export function parseCount(text: string): number {
  return parseWhole(text, COUNTS, "a count, such as 1000, 10k or 2M");
}

/** Less would be no rate, but a few messages in all. */
const LOWEST_RATE = 0.001;

/** A second, in `0.5`, `100`, `20k` or `2M`. @throws RangeError */
export function parseRate(text: string): number {
  const value = parse(text, COUNTS);
  if (!(value <= Number.MAX_SAFE_INTEGER)) {
    throw new RangeError(`"${text}" is not a rate, such as 0.5, 100 or 20k`);
  }
  if (value < LOWEST_RATE) {
    throw new RangeError(`"${text}" is less than ${LOWEST_RATE} a second`);
  }
  return value;
}

/** Of several parts, each has a smaller unit than the one before. */
const DURATION_PARTS =
  /^(?:\d+(?:\.\d+)?h)?(?:\d+(?:\.\d+)?m(?!s))?(?:\d+(?:\.\d+)?s)?(?:\d+(?:\.\d+)?ms)?$/;

/** Milliseconds in `500ms`, `10s`, `2m` or `1h30m`. @throws RangeError */
export function parseDuration(text: string): number {
  const parts = text.match(/[\d.]+[a-z]+/g);
  if (parts === null || !DURATION_PARTS.test(text)) {
    throw new RangeError(
      `"${text}" is not a duration, such as 500ms, 10s or 1h30m`,
    );
  }
  const value = parts
    .map((part) => parse(part, MILLISECONDS))
    .reduce((sum, part) => sum + part);
  if (value > LONGEST_TIMER) {
    throw new RangeError(`"${text}" is longer than 596h`);
  }
  return value;
}

/** `120`, `12.0`, `1.20`. */
export function threeDigits(value: number): string {
  if (value >= 99.95) return value.toFixed(0);
  return value.toFixed(value >= 9.995 ? 1 : 2);
}

/** `532 B`, `1.05 MB`: decimal units, three digits. */
export function formatBytes(bytes: number): string {
  if (bytes < 999.5) return `${Math.round(bytes)} B`;
  for (const unit of ["kB", "MB", "GB"]) {
    bytes /= 1000;
    if (bytes < 999.5) return `${threeDigits(bytes)} ${unit}`;
  }
  return `${threeDigits(bytes / 1000)} TB`;
}

/** `0.31 ms`, `12.4 s`, `2m 05s`, `3h 07m` from milliseconds. */
export function formatDuration(ms: number): string {
  if (ms < 999.5) return `${threeDigits(ms)} ms`;
  if (ms < 59_950) return `${threeDigits(ms / 1000)} s`;
  const minutes = Math.floor(Math.round(ms / 1000) / 60);
  if (minutes < 60) {
    const seconds = Math.round(ms / 1000) % 60;
    return `${minutes}m ${String(seconds).padStart(2, "0")}s`;
  }
  return `${Math.floor(minutes / 60)}h ${String(minutes % 60).padStart(2, "0")}m`;
}

/** `63 µs`, `1.24 ms`, `2.05 s` from microseconds. */
export function formatTime(us: number): string {
  if (us >= 999.5) return formatDuration(us / 1000);
  return `${Number(threeDigits(us))} µs`;
}

/** Microseconds of a unit, and below how many of them it is told in it. */
const TIME_UNITS = [
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
export const MOST_DIGITS = 6;

/** Of each value, the last one before it that differs. */
function lastDiffering(values: readonly number[]): (number | undefined)[] {
  const found: (number | undefined)[] = [];
  for (const [index, value] of values.entries()) {
    const last = values[index - 1];
    found.push(last === value ? found[index - 1] : last);
  }
  return found;
}

/**
 * Times, each with digits enough to differ from those beside it.
 * @param values in microseconds
 * @param usual how they read where that will do
 * @param least digits behind the point that a time has, in its unit
 * @param known how finely a time is known: more digits would be made up
 */
export function toldApart(
  values: readonly number[],
  usual: (us: number) => string,
  least: (value: number) => number = () => 0,
  known: (us: number) => number = () => 0,
): string[] {
  const before = lastDiffering(values);
  const after = lastDiffering(values.toReversed()).toReversed();
  return values.map((us, index) => {
    const steps = [before[index], after[index]].flatMap((other) =>
      other === undefined ? [] : [Math.abs(other - us)],
    );
    const [unit, size] = TIME_UNITS.find(([, , below]) => us < below)!;
    const step = Math.min(...steps) / size;
    const apart = Math.min(
      Math.ceil(-Math.log10(step) - 1e-9),
      Math.floor(-Math.log10(known(us) / size)),
      MOST_DIGITS,
    );
    const needed = Math.max(apart, least(us / size));
    return needed <= usualDigits(us / size, unit)
      ? usual(us)
      : `${(us / size).toFixed(needed)} ${unit}`;
  });
}

/** The width of a bin of the histograms that times come from: 1, 2, 4, … µs. */
function binWidth(us: number): number {
  return 2 ** Math.max(Math.floor(Math.log2(us)) - 10, 0);
}

/** As formatTime(), but where two that differ would read the same. */
export function formatTimes(
  values: readonly number[],
  known = binWidth,
): string[] {
  const told = toldApart(values, formatTime, undefined, known);
  // Whole microseconds are told as they are.
  return values.map((us, at) => (us < 999.5 ? formatTime(us) : told[at]!));
}

/** As parseDuration() reads it: `10s`, `250ms`. */
export function exactDuration(ms: number): string {
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}

/** As parseSize() reads it: `64`, `16KiB`, `256MiB`. */
export function exactSize(bytes: number): string {
  for (const unit of ["GiB", "MiB", "KiB"]) {
    const value = bytes / BYTES[unit]!;
    if (value >= 1 && Number.isInteger(value)) return `${value}${unit}`;
  }
  return String(bytes);
}

/** `1,012,345`: whole, since a message more or less matters. */
export function formatCount(count: number): string {
  return Math.round(count).toLocaleString("en-US");
}

/** `1,100`, `0.5`: a number in a sentence, as exact as it is. */
export function formatNumber(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 20 });
}

/** `101,235/s`, `0.5/s`, `0.04/s`: below 100 three digits. */
export function formatRate(rate: number): string {
  const told = rate >= 99.95 ? formatCount(rate) : rate.toPrecision(3);
  return `${rate >= 99.95 ? told : Number(told)}/s`;
}

/** `1 byte`, `12,000 bytes`: how a count stands in a sentence. */
export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;
}
