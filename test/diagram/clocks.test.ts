import { expect, test } from "bun:test";
import fc from "fast-check";

import { boundsOf, onOneClock } from "../../src/diagram/merge.ts";
import { event } from "./events.ts";

/** Two messages, one each way, each on its way for so long. */
function exchange(offset: number, there: number, back: number) {
  const client = [
    event("client", 0, "write", { bytes: 5 }),
    event("client", there + 1 + back, "read", { bytes: 5 }),
  ];
  const server = [
    event("server", there + offset, "read", { bytes: 5 }),
    event("server", there + 1 + offset, "write", { bytes: 5 }),
  ];
  return { client, server };
}

const ways = fc.double({ min: 0.1, max: 50, noNaN: true });

test("the offset of two clocks is within what is said of it", () => {
  const offsets = fc.double({ min: -1e5, max: 1e5, noNaN: true });
  fc.assert(
    fc.property(offsets, ways, ways, (offset, there, back) => {
      const { client, server } = exchange(offset, there, back);
      const { low, high } = boundsOf(client, server);
      expect(low).toBeLessThanOrEqual(offset + 1e-6);
      expect(high).toBeGreaterThanOrEqual(offset - 1e-6);
      const { note } = onOneClock(client, server);
      const isOne = low <= 0 && high >= 0;
      expect(note.includes("tells the two clocks apart")).toBe(isOne);
      expect(note.includes("(± ")).toBe(!isOne);
      expect(note.includes("ahead of")).toBe(!isOne && offset > 0);
    }),
  );
});

test("clocks that agree are left as they are", () => {
  fc.assert(
    fc.property(ways, ways, (there, back) => {
      const { client, server } = exchange(0, there, back);
      const { events } = onOneClock(client, server);
      expect(events).toEqual(
        [...client, ...server].toSorted((a, b) => a.at - b.at),
      );
    }),
  );
});

test("one direction alone says less, and that it does", () => {
  const { client, server } = exchange(-500, 3, 3);
  const { note } = onOneClock(client.slice(0, 1), server.slice(0, 1));
  expect(note).toContain("in one direction alone");
  const { note: nothing } = onOneClock(
    [event("client", 0, "connected")],
    [event("server", 0, "closed")],
  );
  expect(nothing).toContain("are taken to agree");
});

test("directions that contradict each other are told", () => {
  const { client, server } = exchange(100, 3, 3);
  const late = exchange(300, 3, 3);
  const moved = (events: typeof client) =>
    events.map((one) => ({ ...one, at: one.at + 10_000 }));
  const { note, events } = onOneClock(
    [...client, ...moved(late.client)],
    [...server, ...moved(late.server)],
  );
  expect(note).toContain("contradict each other by");
  // What is read was written before, all the same.
  const verbs = events.map(({ side, verb }) => `${side} ${verb}`);
  expect(verbs.slice(0, 4)).toEqual([
    "client write",
    "server read",
    "server write",
    "client read",
  ]);
});
