import type { Result } from "../result/result.ts";
import type { Run } from "./run.ts";

const ROUNDING = 0.01;

/** Small ones to three digits, where a tenth would say too little. */
function rounded(rate: number): number {
  return rate < 100 ? Number(rate.toPrecision(3)) : Math.round(rate * 10) / 10;
}

/**
 * Answers a second, while it was measured.
 *
 * Of a few messages at even times, one more or less depends on where the
 * measuring begins and ends: ten of them, with nine gaps between, take no
 * longer than nine. Where all were answered and no more is missing than that,
 * the rate is what was planned.
 */
export function rateOf({ options, tally }: Run): number {
  const { rate, arrivals, until } = options;
  const { answered, seconds, sent, received, unsent } = tally;
  if (seconds === 0) return 0;
  if (
    rate !== undefined &&
    arrivals === "even" &&
    received > 0 &&
    received === sent &&
    unsent === 0
  ) {
    // A number of messages ends with the last answer, not when that was due.
    const underWay =
      "messages" in until ? (tally.latency.percentile(0) ?? 0) / 1e6 : 0;
    const due = rate * (seconds - underWay);
    if (Math.abs(answered - due) < 1 + ROUNDING) return rate;
  }
  return rounded(answered / seconds);
}

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
  {
    rate,
    seconds,
    service,
    options,
  }: Pick<Result, "rate" | "seconds" | "service" | "options">,
  share: number,
): boolean {
  const underWay = (service.min ?? 0) / 1e6;
  const due = (rate.planned ?? 0) * Math.max(seconds - underWay, 0);
  const chance = options.arrivals === "poisson" ? 3 * Math.sqrt(due) : 0;
  // Of a few messages, one more or less is still the rate.
  return rate.messages * seconds >= due * share - chance - 1;
}
