import type { Histogram } from "hdr-histogram-js";

import type { GoalResult } from "../../result/result.ts";
import { percentile, samplesFor } from "../../result/times.ts";
import { parseDuration } from "../../units.ts";

/** What a run must reach: a time at most, or a share of errors at most. */
export interface Goal {
  /** As it was given, but for blanks. */
  text: string;
  /** `p99.9`'s 99.9, or what else is measured. */
  of: { percentile: number } | "max" | "mean" | "errors";
  /** Microseconds, or a share from 0 to 1. */
  below: number;
  /** Whether that itself is still met: `<=`. */
  inclusive: boolean;
}

const GOAL = /^\s*([a-z0-9.]+)\s*(<=?)\s*([\d.]+)\s*([^\s\d.]\S*)?\s*$/;

/**
 * Reads `p99<2ms`, `p99.9<500us`, `max <= 10ms`, `mean<1ms` or `errors<0.1%`.
 * @throws RangeError
 */
export function parseGoal(text: string): Goal {
  const [, what = "", sign = "", number = "", unit = ""] =
    GOAL.exec(text) ?? [];
  const limit = number + unit;
  const of = parseWhat(what);
  const below = of === "errors" ? parseShare(limit) : parseTime(limit);
  const inclusive = sign === "<=";
  // Nothing is less than nothing.
  if (of === undefined || !(inclusive ? below >= 0 : below > 0)) {
    throw new RangeError(
      `"${text}" is not a goal, such as p99<2ms, max<10ms or errors<0.1%`,
    );
  }
  return { text: what + sign + limit, of, below, inclusive };
}

function parseWhat(what: string): Goal["of"] | undefined {
  if (what === "max" || what === "mean" || what === "errors") return what;
  if (!/^p\d{1,2}(\.\d+)?$/.test(what)) return undefined;
  const at = Number(what.slice(1));
  return at > 0 ? { percentile: at } : undefined;
}

function parseTime(text: string): number {
  const us = /^(\d+(?:\.\d+)?)us$/.exec(text);
  if (us !== null) return Number(us[1]);
  try {
    return parseDuration(text) * 1000;
  } catch {
    return NaN;
  }
}

function parseShare(text: string): number {
  const [, number] = /^(\d+(?:\.\d+)?)%$/.exec(text) ?? [];
  return number === undefined ? NaN : Number(number) / 100;
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

/** A percentile needs some samples beyond it: ten are asked for. */
const BEYOND = 10;

/** How many messages a run needs for its goals' percentiles to mean much. */
export function messagesFor(goals: readonly Goal[]): number {
  let most = 1000;
  for (const { of } of goals) {
    if (typeof of === "object") {
      most = Math.max(most, BEYOND * samplesFor(of.percentile));
    }
  }
  return most;
}
