import { describe, expect, test } from "bun:test";

import fc from "fast-check";

import {
  makeValues,
  type Metric,
  metricsIn,
  valueAt,
} from "../../src/status/metric.ts";
import { METRICS } from "../../src/status/metrics.ts";
import {
  addSnapshots,
  retired,
  type PeerView,
  type Snapshot,
} from "../../src/status/snapshot.ts";
import { byWeight } from "../../src/status/peers.ts";

const count = fc.nat(1000);
const counts = fc.dictionary(fc.constantFrom("FIN", "RST", "deny"), count);

const peers = fc.array(
  fc.record<PeerView>({
    id: count,
    worker: count,
    peer: fc.constant("127.0.0.1:1"),
    since: count,
    bytesIn: count,
    bytesOut: count,
    pending: count,
    stalled: fc.boolean(),
  }),
  { maxLength: 8 },
);

/** Any value of a metric: of its own kind, whatever it is. */
function valueOf({ label, is }: Metric<unknown>): fc.Arbitrary<unknown> {
  if (label !== undefined) return counts;
  return is(null) ? fc.option(count) : count;
}

const snapshot: fc.Arbitrary<Snapshot> = fc.gen().map((take) => ({
  ...makeValues(METRICS, (metric) => take(valueOf, metric)),
  at: take(() => count),
  peers: take(() => peers),
  found: take(() => count),
}));

const FIXED = { seed: 20261122, numRuns: 200 };
const ALL = { search: "", limit: 100 };

describe("addSnapshots()", () => {
  test("addSnapshots() does not mind the order", () => {
    const sort = (sum: Snapshot) => ({
      ...sum,
      peers: sum.peers.map((peer) => JSON.stringify(peer)).toSorted(),
    });
    fc.assert(
      fc.property(snapshot, snapshot, snapshot, (a, b, c) => {
        const left = addSnapshots(addSnapshots(a, b, ALL), c, ALL);
        const right = addSnapshots(a, addSnapshots(c, b, ALL), ALL);
        expect(sort(left)).toEqual(sort(right));
      }),
      FIXED,
    );
  });

  test("addSnapshots() adds what counts, and takes the slower delay", () => {
    fc.assert(
      fc.property(snapshot, snapshot, (a, b) => {
        const sum = addSnapshots(a, b, ALL);
        for (const key of ["in", "out", "pending", "dropped"] as const) {
          expect(sum.bytes[key]).toBe(a.bytes[key] + b.bytes[key]);
        }
        for (const key of ["FIN", "RST", "deny"]) {
          const expected = (a.closed[key] ?? 0) + (b.closed[key] ?? 0);
          expect(sum.closed[key] ?? 0).toBe(expected);
        }
        const { open, total } = sum.connections;
        expect(open).toBe(a.connections.open + b.connections.open);
        expect(total).toBe(a.connections.total + b.connections.total);
        for (const key of ["connections", "pending"] as const) {
          const [one, other] = [a.limits[key], b.limits[key]];
          const none = one === null || other === null;
          expect(sum.limits[key]).toBe(none ? null : one + other);
        }
        for (const key of ["p50", "p99", "max"] as const) {
          const delays = [a.eventLoopDelay[key], b.eventLoopDelay[key]];
          expect(sum.eventLoopDelay[key]).toBe(Math.max(...delays));
        }
        expect(sum.startedAt).toBe(Math.min(a.startedAt, b.startedAt));
      }),
      FIXED,
    );
  });

  test("retired() keeps what was counted up, and nothing else", () => {
    fc.assert(
      fc.property(snapshot, (last) => {
        const past = retired(last, "gone");
        for (const [path, { type, zero }] of metricsIn(METRICS)) {
          if (path === "closed" || path === "bytes.dropped") continue;
          const kept = type === "counter" ? valueAt(last, path) : zero;
          expect(valueAt(past, path)).toEqual(kept);
        }
      }),
      FIXED,
    );
  });

  test("retired() counts what was held as dropped, and its peers as closed", () => {
    fc.assert(
      fc.property(snapshot, (last) => {
        const past = retired(last, "gone");
        const gone = last.connections.open;
        expect(past.closed).toEqual({ ...last.closed, gone });
        const lost = last.bytes.dropped + last.bytes.pending;
        expect(past.bytes.dropped).toBe(lost);
        expect(past.peers).toEqual([]);
      }),
      FIXED,
    );
  });

  test("addSnapshots() lists the weightiest of both", () => {
    fc.assert(
      fc.property(snapshot, snapshot, fc.nat(20), (a, b, limit) => {
        const { peers: listed } = addSnapshots(a, b, { search: "", limit });
        const all = [...a.peers, ...b.peers];
        expect(listed).toHaveLength(Math.min(limit, all.length));
        const left = all.filter((peer) => !listed.includes(peer));
        const last = listed.at(-1);
        if (last === undefined) return;
        for (const peer of left) {
          expect(byWeight(last, peer)).toBeLessThanOrEqual(0);
        }
      }),
      FIXED,
    );
  });
});
