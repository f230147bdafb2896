import type { Result, Second } from "./result.ts";

/** When measuring began, in milliseconds since 1970. */
export function startOf({ started }: Result): number {
  return Date.parse(started);
}

/** Rounded, so that a merge of merges puts every second where this does. */
function firstSecondOf(result: Result): number {
  return Math.round(startOf(result) / 1000);
}

/** Each result's seconds, numbered from the first one of all by the clocks. */
export function alignedSeries(results: readonly Result[]): Second[][] {
  const origin = Math.min(...results.map(firstSecondOf));
  return results.map((result) => {
    const shift = firstSecondOf(result) - origin;
    return result.series.map((one) => ({ ...one, second: one.second + shift }));
  });
}

export function mergeSeries(results: readonly Result[]): Second[] {
  const merged = new Map<number, Second>();
  for (const one of alignedSeries(results).flat()) {
    const before = merged.get(one.second);
    merged.set(one.second, before ? addSecond(before, one) : one);
  }
  return [...merged.values()].toSorted((a, b) => a.second - b.second);
}

/** There is no way from two machines' percentiles to that of both. */
function addSecond(a: Second, b: Second): Second {
  const alone = a.messages === 0 ? b : b.messages === 0 ? a : null;
  return {
    second: a.second,
    messages: a.messages + b.messages,
    bytes: a.bytes + b.bytes,
    p50: alone && alone.p50,
    p99: alone && alone.p99,
    errors: a.errors + b.errors,
  };
}
