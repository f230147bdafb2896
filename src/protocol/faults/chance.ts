import type { Fault } from "./fault.ts";

/** Both make floating-point numbers of 53 bits, as Math.random() does. */
const DROPPED_BITS = 11n;
const RANGE = 2 ** 53;

/**
 * A number from 0 up to 1 that depends on nothing but what it is asked with: no
 * matter when, how often and in which order, it is the same on every run.
 */
export function chance(seed: number, ...of: (number | string)[]): number {
  const drawn = Bun.hash.xxHash64([seed, ...of].join(" "));
  return Number(drawn >> DROPPED_BITS) / RANGE;
}

/**
 * Whether a fault is on a connection.
 * @param index of the fault in its list: two of one chance choose for themselves
 * @param connection its number, from 1
 */
export function isOn(
  { on }: Fault,
  index: number,
  connection: number,
  seed: number,
): boolean {
  if (on === undefined) return true;
  if ("first" in on) return connection <= on.first;
  if ("every" in on) return connection % on.every === 0;
  return chance(seed, "on", index, connection) * 100 < on.percent;
}
