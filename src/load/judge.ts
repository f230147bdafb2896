import type { Histogram } from "hdr-histogram-js";

import type { GoalResult } from "../result/result.ts";
import { percentile } from "../result/times.ts";
import type { Goal } from "./goals.ts";

/**
 * Null where it can't be told. A message that never came back took longer than
 * all that did: without it, whoever loses the slow ones would seem fast.
 */
function timeOf(
  of: Exclude<Goal["of"], "errors">,
  times: Histogram,
  unmet: number,
): number | null {
  const answered = times.totalCount;
  if (typeof of !== "object") {
    if (answered === 0 || unmet > 0) return null;
    return of === "mean" ? times.mean : times.getValueAtPercentile(100);
  }
  return percentile(times, of.percentile, unmet);
}

/** What went wrong. */
export interface Errors {
  /** Messages that were to come back, and did not. */
  unmet: number;
  /** All errors, among them connections that failed without a message. */
  all: number;
}

/** @param times of the messages that came back, in microseconds */
export function judge(
  goal: Goal,
  times: Histogram,
  { unmet, all }: Errors,
): GoalResult {
  const measured =
    goal.of === "errors"
      ? Math.min(all / Math.max(times.totalCount + unmet, 1), 1)
      : timeOf(goal.of, times, unmet);
  const met =
    measured !== null &&
    (goal.inclusive ? measured <= goal.below : measured < goal.below);
  return { goal: goal.text, below: goal.below, measured, met };
}
