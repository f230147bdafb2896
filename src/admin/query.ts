import { isSortKey, type PeerQuery, type Sort } from "../status/peers.ts";

/** As many as a browser shows without effort. */
const MOST = 1000;
const DEFAULT_LIMIT = 100;
/** No peer's name is longer. */
const LONGEST_SEARCH = 200;

/** Reads `received`, or `-received` for the other way round. */
function parseSort(text: string): Sort {
  const descending = text.startsWith("-");
  const by = descending ? text.slice(1) : text;
  if (!isSortKey(by)) {
    throw new RangeError("sort is not the name of a column");
  }
  return { by, descending };
}

/** Reads `?search=10.0.&limit=500&sort=-received`. @throws RangeError */
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
  const sort = parameters.get("sort");
  return sort === null
    ? { search, limit }
    : { search, limit, sort: parseSort(sort) };
}
