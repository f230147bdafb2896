import type { Share } from "./options.ts";

/**
 * When message `n` of an open loop is due, in milliseconds from its start: a
 * pure function, so that no rate drifts and none starts again each second.
 *
 * While the rate is raised from 0 over `ramp`, rate·t²/(2·ramp) messages are
 * due by t; solved for t, that is the square root below.
 */
export function dueAt(n: number, rate: number, ramp: number): number {
  const perMs = rate / 1000;
  if (n < (perMs * ramp) / 2) return Math.sqrt((2 * n * ramp) / perMs);
  return ramp / 2 + n / perMs;
}

/** The index among all workers' messages of one worker's own message `m`. */
export function globalIndex(m: number, { first, count, of }: Share): number {
  return Math.floor(m / count) * of + first + (m % count);
}

/** Pseudo-random numbers from 0 to 1, the same for the same seed: mulberry32. */
export function random(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One worker's due times, one after the other. */
export type Schedule = () => number;

export function evenSchedule(
  rate: number,
  ramp: number,
  share: Share,
): Schedule {
  let m = 0;
  return () => dueAt(globalIndex(m++, share), rate, ramp);
}

/**
 * Arrivals that know nothing of each other. Exponential gaps have a mean of
 * one message; a share of a Poisson process is one, with its share of the rate.
 */
export function poissonSchedule(
  rate: number,
  ramp: number,
  { first, count, of }: Share,
  seed: number,
): Schedule {
  const uniform = random(seed + first);
  let n = 0;
  return () => {
    n -= (Math.log(1 - uniform()) * of) / count;
    return dueAt(n, rate, ramp);
  };
}
