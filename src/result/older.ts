import { byPercentile } from "./percentiles.ts";
import type { Result, Search, Second } from "./result.ts";
import { decode, type Times, timesOf } from "./times.ts";

/**
 * A result of an older version, whose percentiles left out messages without an
 * answer, with those counted as slower than all others. Which second they
 * belong to is not in it: where there were errors, a second's percentiles can't
 * be told.
 */
export function upgraded(read: Result): Result {
  const result = { ...read, search: completed(read.search) };
  const { unanswered } = result.messages;
  if (result.latency.unanswered !== undefined || unanswered === 0) {
    return result;
  }
  return {
    ...result,
    latency: counting(result.latency, unanswered),
    service: counting(result.service, unanswered),
    series: result.series.map(withoutGuesses),
  };
}

/** A search whose steps tell all percentiles, null where one is not known. */
function completed(search: Search | null): Search | null {
  if (search === null) return null;
  const unknown = byPercentile(() => null);
  return {
    ...search,
    steps: search.steps.map((step) => ({ ...unknown, ...step })),
  };
}

function counting({ histogram }: Times, unanswered: number): Times {
  return timesOf(decode(histogram), unanswered);
}

function withoutGuesses(told: Second): Second {
  const second = { ...told };
  delete second.above;
  return second.errors > 0 ? { ...second, p50: null, p99: null } : second;
}
