import { describe, expect, test } from "bun:test";

import {
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
