import { lowest } from "./aggregates.ts";
import type { Result, Second } from "./result.ts";

/** By how many seconds the end of the last whole one may seem to be missing. */
const SLACK = 0.05;

/** Seconds that were measured whole: the end may have cut the last one short. */
export function wholeSeconds({ series, seconds }: Result): Second[] {
  return series.filter(
    ({ second }) => second === 1 || second <= seconds + SLACK,
  );
}

/** Whether its slowest hundredth are messages without an answer. */
export function isP99Unanswered(second: Second): boolean {
  const { messages, unanswered = 0, p99 } = second;
  return p99 === null && Math.ceil(0.99 * (messages + unanswered)) > messages;
}

/** When measuring began, in milliseconds since 1970. */
export function startOf({ started }: Result): number {
  return Date.parse(started);
}

/** Each result's seconds, numbered from the first one of all by the clocks. */
export function alignedSeries(results: readonly Result[]): Second[][] {
  const origin = lowest(results.map(startOf));
  return results.map((result) => {
    // Rounding each start by itself could part two that are close together.
    const shift = Math.round((startOf(result) - origin) / 1000);
    return result.series.map((one) => ({ ...one, second: one.second + shift }));
  });
}

export function mergeSeries(results: readonly Result[]): Second[] {
  const merged = new Map<number, Second>();
  for (const one of alignedSeries(results).flat()) {
    const before = merged.get(one.second);
    merged.set(one.second, before ? addSecond(before, one) : one);
  }
  const series = [...merged.values()].toSorted((a, b) => a.second - b.second);
  if (results.length > 1) {
    // What is above one machine's percentile need not be above that of all.
    for (const second of series) delete second.above;
  }
  return series;
}

/** There is no way from two machines' percentiles to that of both. */
function addSecond(a: Second, b: Second): Second {
  const alone = isEmpty(a) ? b : isEmpty(b) ? a : null;
  const told = a.unanswered !== undefined || b.unanswered !== undefined;
  return {
    second: a.second,
    messages: a.messages + b.messages,
    bytes: a.bytes + b.bytes,
    p50: alone && alone.p50,
    p99: alone && alone.p99,
    errors: a.errors + b.errors,
    ...(told && { unanswered: (a.unanswered ?? 0) + (b.unanswered ?? 0) }),
  };
}

function isEmpty({ messages, unanswered = 0 }: Second): boolean {
  return messages + unanswered === 0;
}
