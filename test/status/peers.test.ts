import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";

import {
  first,
  orderOf,
  type PeerView,
  type SortKey,
} from "../../src/status/peers.ts";
import { peerOf } from "../support/fake-source.ts";

const PEERS: PeerView[] = [
  peerOf(1, { peer: "10.0.0.10:1", since: 3, bytesIn: 5, worker: 2 }),
  peerOf(2, { peer: "10.0.0.9:1", since: 1, bytesIn: 7, worker: 1 }),
  peerOf(3, { peer: "10.0.0.9:20", since: 2, bytesIn: 7, pending: 9 }),
  peerOf(4, { peer: "10.0.0.9:3", since: 9, bytesOut: 1, worker: 1 }),
];

describe("orderOf()", () => {
  test.each<[SortKey, number[]]>([
    ["peer", [2, 4, 3, 1]],
    ["age", [4, 1, 3, 2]],
    ["received", [1, 3, 2, 4]],
    ["sent", [4, 3, 2, 1]],
    ["pending", [1, 2, 4, 3]],
    ["worker", [3, 2, 4, 1]],
  ])("orderOf() sorts by %s", (by, ids) => {
    const sorted = (descending: boolean) =>
      PEERS.toSorted(orderOf({ by, descending })).map(({ id }) => id);
    expect(sorted(false)[0]).toBe(ids[0]!);
    expect(sorted(true)[0]).toBe(ids.at(-1)!);
    expect(sorted(false)).toEqual(ids);
  });

  test("orderOf() has what is held for its peer first, if nothing is said", () => {
    const ids = PEERS.toSorted(orderOf(undefined)).map(({ id }) => id);
    expect(ids[0]).toBe(3);
  });
});

test("first() is what comes first of all when they are sorted", () => {
  const item = fc.record({ key: fc.nat(20) });
  fc.assert(
    fc.property(fc.array(item, { maxLength: 200 }), fc.nat(50), (all, most) => {
      const order = (a: { key: number }, b: { key: number }) => a.key - b.key;
      const found = first(all, most, order);
      // Equals are told apart: they keep the order in which they came.
      const expected = all.toSorted(order).slice(0, most);
      expect(found).toHaveLength(expected.length);
      found.forEach((one, index) => expect(one).toBe(expected[index]!));
    }),
    { seed: 20261122, numRuns: 500 },
  );
});
