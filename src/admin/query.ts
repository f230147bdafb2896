import type { PeerQuery } from "./source.ts";

/** As many as a browser shows without effort. */
const MOST = 1000;
const DEFAULT_LIMIT = 100;
/** No name of a peer is as long. */
const LONGEST_SEARCH = 200;

/** Reads `?search=10.0.&limit=500`. @throws RangeError */
export function parseQuery(parameters: URLSearchParams): PeerQuery {
  const search = parameters.get("search") ?? "";
  const digits = parameters.get("limit") ?? String(DEFAULT_LIMIT);
  const limit = /^\d{1,9}$/.test(digits) ? Number(digits) : NaN;
  if (search.length > LONGEST_SEARCH) {
    throw new RangeError(`search is longer than ${LONGEST_SEARCH} characters`);
  }
  if (!(limit >= 1 && limit <= MOST)) {
    throw new RangeError(`limit is not a number from 1 to ${MOST}`);
  }
  return { search, limit };
}
