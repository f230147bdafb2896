import { isNumber } from "../checks.ts";
import { areValues, makeValues, valueAt } from "./metric.ts";
import { COUNTED, type Counts, METRICS, type Snapshot } from "./metrics.ts";
import { isPeerView, orderOf, type PeerQuery } from "./peers.ts";

export type { Counts, Limits, Snapshot } from "./metrics.ts";
export type { PeerQuery, PeerView } from "./peers.ts";

/** A server that has done nothing yet. */
export const NOTHING: Snapshot = {
  ...makeValues(METRICS, ({ zero }) => zero),
  at: 0,
  peers: [],
  found: 0,
};

/**
 * What remains of a server that is gone: what it did. What it held is lost.
 * @param cause of the end of the connections that it still had
 */
export function retired(last: Snapshot, cause: string): Snapshot {
  const kept = makeValues(METRICS, ({ type, zero }, path) =>
    type === "counter" ? valueAt(last, path) : zero,
  );
  const { connections, closed, bytes } = last;
  return {
    ...NOTHING,
    ...kept,
    closed: { ...closed, [cause]: (closed[cause] ?? 0) + connections.open },
    bytes: { ...kept.bytes, dropped: bytes.dropped + bytes.pending },
  };
}

/** Adds two workers up; `peers` are the first of both. */
export function addSnapshots(
  a: Snapshot,
  b: Snapshot,
  { limit, sort }: PeerQuery,
): Snapshot {
  return {
    ...makeValues(METRICS, (metric, path) =>
      metric.add(valueAt(a, path), valueAt(b, path)),
    ),
    at: Math.max(a.at, b.at),
    peers: [...a.peers, ...b.peers].toSorted(orderOf(sort)).slice(0, limit),
    found: a.found + b.found,
  };
}

/** Whether it is what another process would tell. */
export function isCounts(value: unknown): value is Counts {
  return isNumber(valueAt(value, "at")) && areValues(COUNTED, value);
}

/** Whether it is what another process would tell. */
export function isSnapshot(value: unknown): value is Snapshot {
  const peers = valueAt(value, "peers");
  return (
    isCounts(value) &&
    areValues(METRICS, value) &&
    isNumber(valueAt(value, "found")) &&
    Array.isArray(peers) &&
    peers.every(isPeerView)
  );
}
