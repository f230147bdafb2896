import { describe, expect, test } from "bun:test";

import fc from "fast-check";

import {
  addSnapshots,
  retired,
  type PeerView,
  type Snapshot,
} from "../../src/status/snapshot.ts";
import { byWeight } from "../../src/status/peers.ts";

const count = fc.nat(1000);
const counts = fc.dictionary(fc.constantFrom("FIN", "RST", "deny"), count);
const seconds = fc.nat(100).map((n) => n / 100);

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

const snapshot: fc.Arbitrary<Snapshot> = fc.record({
  at: count,
  startedAt: count,
  workers: fc.record({ planned: count, alive: count, restarts: count }),
  limits: fc.record({
    connections: fc.option(count),
    pending: fc.option(count),
  }),
  connections: fc.record({ open: count, total: count, rejected: counts }),
  closed: counts,
  bytes: fc.record({ in: count, out: count, pending: count, dropped: count }),
  stalled: fc.record({ now: count, ever: count }),
  eventLoopDelay: fc.record({ p50: seconds, p99: seconds, max: seconds }),
  memory: fc.record({ rss: count }),
  peers,
  found: count,
});

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

  test("retired() forgets nothing that was, and has nothing open", () => {
    fc.assert(
      fc.property(snapshot, (last) => {
        const past = retired(last, "gone");
        const { connections, bytes, stalled, closed } = past;
        expect(connections).toEqual({ ...last.connections, open: 0 });
        expect(closed["gone"]).toBe(last.connections.open);
        expect({ ...closed, gone: 0 }).toEqual({ ...last.closed, gone: 0 });
        expect(bytes).toMatchObject({ in: last.bytes.in, pending: 0 });
        const lost = last.bytes.dropped + last.bytes.pending;
        expect(bytes.dropped).toBe(lost);
        expect(stalled).toEqual({ now: 0, ever: last.stalled.ever });
        expect(past).toMatchObject({ peers: [], memory: { rss: 0 } });
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
