import { messagesOf, type Plan, type Share } from "../plan.ts";
import { random } from "../random.ts";

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

/** How many messages are due before `ms`: dueAt(), the other way round. */
export function dueBefore(ms: number, rate: number, ramp: number): number {
  if (ms <= 0) return 0;
  const perMs = rate / 1000;
  const exact =
    ms < ramp ? (perMs * ms * ms) / (2 * ramp) : perMs * (ms - ramp / 2);
  let count = Math.max(Math.floor(exact), 0);
  // Floating point may be one off.
  while (dueAt(count, rate, ramp) < ms) count += 1;
  while (count > 0 && dueAt(count - 1, rate, ramp) >= ms) count -= 1;
  return count;
}

/** One worker's due times, in milliseconds from the start. */
export interface Schedule {
  /** When the next message is due. */
  next(): number;
  /** Passes over all that are due before `ms`. @returns how many */
  skip(ms: number): number;
}

export function evenSchedule(
  rate: number,
  ramp: number,
  share: Share,
): Schedule {
  let m = 0;
  return {
    next: () => dueAt(globalIndex(m++, share), rate, ramp),
    skip(ms) {
      const skipped = messagesOf(dueBefore(ms, rate, ramp), share) - m;
      if (skipped <= 0) return 0;
      m += skipped;
      return skipped;
    },
  };
}

/**
 * A seed for each worker of each machine: sums would meet (1 + 1 is 2 + 0). The
 * odd factors are those that MurmurHash3's finalizer multiplies by.
 */
function streamOf(seed: number, first: number): number {
  return Math.imul(seed, 0x85ebca6b) ^ Math.imul(first + 1, 0xc2b2ae35);
}

/**
 * Arrivals that know nothing of each other. Exponential gaps have a mean of
 * one message; a share of a Poisson process is one, with its share of the rate.
 * Those that are passed over are as many as they are on average.
 */
export function poissonSchedule(
  rate: number,
  ramp: number,
  { first, count, of }: Share,
  seed: number,
): Schedule {
  const uniform = random(streamOf(seed, first));
  let n = 0;
  return {
    next() {
      n -= (Math.log(1 - uniform()) * of) / count;
      return dueAt(n, rate, ramp);
    },
    skip(ms) {
      const skipped = ((dueBefore(ms, rate, ramp) - n) * count) / of;
      if (skipped <= 0) return 0;
      n += (skipped * of) / count;
      return Math.round(skipped);
    },
  };
}

/** Undefined in a closed loop. */
export function scheduleOf(plan: Plan): Schedule | undefined {
  const { rate, ramp, share, seed } = plan;
  if (rate === undefined) return undefined;
  return plan.arrivals === "even"
    ? evenSchedule(rate, ramp, share)
    : poissonSchedule(rate, ramp, share, seed);
}
