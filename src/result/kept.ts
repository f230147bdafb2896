import type { Result } from "./result.ts";

/** Below this share of the planned rate, the plan was not kept. */
const PLAN_KEPT = 0.995;

/** What there is to know of a rate. */
type Rated = Pick<Result, "rate" | "seconds" | "service" | "options">;

/**
 * Whether as many messages came back as an open loop had planned, or nearly: a
 * share of them. Not counted on are those that could not have come back before
 * it ended, since none took less than that from when it was sent: what waited
 * to be sent could have been, had the rate been kept.
 *
 * What was planned at random is a Poisson number, with a deviation of its root:
 * three of them are chance.
 */
export function rateKept(
  { rate, seconds, service, options }: Rated,
  share: number,
): boolean {
  const underWay = (service.min ?? 0) / 1e6;
  const due = (rate.planned ?? 0) * Math.max(seconds - underWay, 0);
  const chance = options.arrivals === "poisson" ? 3 * Math.sqrt(due) : 0;
  // Of a few messages, one more or less is still the rate.
  return rate.messages * seconds >= due * share - chance - 1;
}

/** Whether the rate that was planned was reached, as far as chance goes. */
export function planKept(result: Rated): boolean {
  return rateKept(result, PLAN_KEPT);
}
