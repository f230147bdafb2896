import { samplesFor } from "../result/times.ts";
import { parseDuration } from "../units.ts";

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
  const percentile = Number(what.slice(1));
  return percentile > 0 ? { percentile } : undefined;
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
