import { expect, test } from "bun:test";
import * as fc from "fast-check";

import type { Ending } from "../../src/faults/end.ts";
import { fakeLink } from "../support/fake-link.ts";

const LENGTH = 4000;
const DATA = Buffer.from(
  Array.from({ length: LENGTH }, (_, n) => (n * 7) % 251),
);

/** Where a stream is cut into chunks. */
const anyCuts = fc
  .uniqueArray(fc.integer({ min: 1, max: LENGTH - 1 }), { maxLength: 40 })
  .map((places) => [...places.toSorted((a, b) => a - b), LENGTH]);
/** How much the sink takes, again and again: 0 is a full one. */
const anyAppetites = fc.array(
  fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 900 })),
  { maxLength: 30 },
);
const anyPauses = fc.array(fc.integer({ min: 0, max: 70 }), { maxLength: 10 });

interface Course {
  cuts: number[];
  appetites: number[];
  pauses: number[];
}
const course: fc.Arbitrary<Course> = fc.record({
  cuts: anyCuts,
  appetites: anyAppetites,
  pauses: anyPauses,
});

/** Sends DATA and a FIN to the client, however it is cut and taken. */
function run(faults: readonly string[], { cuts, appetites, pauses }: Course) {
  const path = fakeLink(faults);
  const { clock, client, server, link } = path;
  client.appetites = appetites;
  let from = 0;
  let turn = 0;
  while (from < LENGTH && !link.toClient.isSilent) {
    // As a socket: what is paused sends nothing.
    if (!link.toClient.paused) {
      const to = cuts.find((place) => place > from)!;
      path.down(DATA.subarray(from, to));
      from = to;
    }
    clock.advance(pauses[turn % (pauses.length || 1)] ?? 1);
    turn += 1;
    if (link.toClient.paused) {
      clock.advance(10);
      link.toClient.drained();
    }
    if (turn > 100_000) throw new Error("it never ends");
  }
  link.toClient.end("finish");
  // A reader that takes nothing for a second would not be waited for.
  for (let n = 0; n < 1500 && client.ends.length === 0; n++) {
    clock.advance(10);
    link.toClient.drained();
  }
  expect(server.isPaused).toBe(link.toClient.paused);
  return path;
}

const harmless = fc.constantFrom(
  "delay 50ms",
  "delay 5ms+-5ms",
  "rate 40kB",
  "rate 3kB after 1000",
  "slice 17 1ms",
  "slice 1000 0ms after 500",
  "join 300 20ms",
  "join 5000 40ms",
  "freeze 100ms after 1234",
  "freeze 20ms every 100ms",
  "freeze 20ms every 1KiB",
  "freeze 1s idle 30ms",
  "late-finish 3s",
  "reset-as-finish",
  "no-half-close toward server",
  "pass-max 4000",
  "corrupt after 4000",
  "drop 3 after 1MiB",
);

test("harmless faults, stacked anyhow: every byte arrives in order, then the FIN", () => {
  const stack = fc
    .uniqueArray(harmless, { maxLength: 5 })
    .filter((list) => list.filter((f) => f.startsWith("rate")).length < 2);
  fc.assert(
    fc.property(stack, course, (faults, taken) => {
      // A join makes chunks that are larger.
      const list = faults.some((fault) => fault.startsWith("join"))
        ? faults.filter((fault) => !fault.startsWith("pass-max"))
        : faults;
      const { client } = run(list, taken);
      expect(client.taken.equals(DATA)).toBe(true);
      expect(client.ends).toEqual(["finish"]);
      expect(client.endings[0]!.at).toBeGreaterThanOrEqual(
        client.pieces.at(-1)!.at,
      );
    }),
    { seed: 1, numRuns: 1500 },
  );
});

/** What DATA becomes by a fault at `at`. */
const exact: Record<string, (at: number, size: number) => Buffer> = {
  drop: (at, size) =>
    Buffer.concat([DATA.subarray(0, at), DATA.subarray(at + size)]),
  repeat: (at, size) =>
    Buffer.concat([DATA.subarray(0, at + size), DATA.subarray(at)]),
  reset: (at) => DATA.subarray(0, at),
  finish: (at) => DATA.subarray(0, at),
  vanish: (at) => DATA.subarray(0, at),
  mute: (at) => DATA.subarray(0, at),
};
const SAID: Record<string, Ending[]> = {
  reset: ["abort"],
  vanish: [],
  mute: [],
};

test("a fault acts at exactly its byte, however the stream is cut and taken", () => {
  const at = fc.integer({ min: 1, max: LENGTH - 1 });
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.keys(exact)),
      at,
      fc.integer({ min: 1, max: LENGTH }),
      course,
      fc.constantFrom([], ["delay 7ms"], ["slice 33 1ms"], ["join 90 2ms"]),
      fc.boolean(),
      (action, place, size, taken, around, isFirst) => {
        const sized = action === "drop" || action === "repeat";
        const fault = `${action}${sized ? ` ${size}` : ""} after ${place}`;
        const list = isFirst ? [fault, ...around] : [...around, fault];
        const { client, events } = run(list, {
          ...taken,
          pauses: taken.pauses.map((pause) => pause % 9),
        });
        expect(client.taken).toEqual(exact[action]!(place, size));
        expect(client.ends).toEqual(SAID[action] ?? ["finish"]);
        const acted = events.filter((event) => event.fault.startsWith(action));
        expect(acted.map(({ offset }) => offset)).toEqual([place]);
      },
    ),
    { seed: 1, numRuns: 2000 },
  );
});

test("corrupt changes one bit of one byte, the same however it is cut", () => {
  const bits = new Map<number, number>();
  const at = fc.integer({ min: 1, max: 50 });
  fc.assert(
    fc.property(at, course, (place, taken) => {
      const { client } = run([`corrupt after ${place}`], taken);
      const changed = DATA.map((byte, n) => byte ^ client.taken[n]!);
      expect(client.taken.length).toBe(LENGTH);
      const bit = changed[place]!;
      changed[place] = 0;
      expect(changed.every((byte) => byte === 0)).toBe(true);
      expect(Math.log2(bit) % 1).toBe(0);
      expect(bits.get(place) ?? bit).toBe(bit);
      bits.set(place, bit);
    }),
    { seed: 1, numRuns: 500 },
  );
  expect(new Set(bits.values()).size).toBeGreaterThan(4);
});

test("one that is paused holds no more than its limit, and a chunk", () => {
  const chunk = 512 * 1024;
  for (const fault of [
    "delay 10s",
    "rate 1",
    "slice 1 1s",
    "join 1GiB 10s",
    "stall",
    "freeze 1h",
  ]) {
    const { client, server, down, link } = fakeLink([fault]);
    let sent = 0;
    while (!server.isPaused) {
      down(new Uint8Array(chunk));
      sent += chunk;
    }
    expect(link.toClient.paused).toBe(true);
    expect(sent - client.taken.length).toBeLessThanOrEqual(1024 ** 2 + chunk);
  }
  // Many small pieces cost more than their bytes.
  const { server, down } = fakeLink(["delay 10s"]);
  let pieces = 0;
  while (!server.isPaused) {
    down("x");
    pieces += 1;
  }
  expect(pieces).toBeLessThan(5000);
});

test("a reader that takes nothing pauses its source, with faults or none", () => {
  for (const faults of [[], ["delay 1ms"], ["slice 2 1ms"], ["corrupt"]]) {
    const { clock, client, server, down, link } = fakeLink(faults);
    client.appetites = [0, 0];
    down("abc");
    clock.advance(100);
    expect(server.isPaused).toBe(true);
    link.toClient.drained();
    clock.advance(100);
    expect(server.isPaused).toBe(true);
    expect(client.taken.length).toBe(0);
    link.toClient.drained();
    clock.advance(100);
    expect(server.isPaused).toBe(false);
    expect(client.taken.length).toBe(3);
  }
});
