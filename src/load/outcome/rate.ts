import type { Run } from "../run.ts";

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
