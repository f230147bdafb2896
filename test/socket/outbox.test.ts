import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";

import { Outbox } from "../../src/socket/outbox.ts";
import { FakeWire } from "../support/fake-wire.ts";

const bytes = (maxLength: number, minLength = 0) =>
  fc.uint8Array({ minLength, maxLength }).map((array) => Buffer.from(array));

/** How much a kernel takes of a write: nothing, some, or all. */
const appetite = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 1, max: 12 }),
  fc.constant(Infinity),
);

/** What may happen to an outbox: bytes to send, or a `drain`, owed or not. */
const drain = fc.constant("drain" as const);
const events = fc.array(fc.oneof(bytes(10), drain), { maxLength: 40 });

describe("Outbox", () => {
  test("Outbox loses, repeats and reorders nothing, however it is taken", () => {
    fc.assert(
      fc.property(events, fc.array(appetite), (happenings, appetites) => {
        const wire = new FakeWire(appetites);
        const outbox = new Outbox();
        let sent = Buffer.alloc(0);

        for (const event of happenings) {
          const all =
            event === "drain" ? outbox.flush(wire) : outbox.send(wire, event);
          if (event !== "drain") sent = Buffer.concat([sent, event]);
          const { taken } = wire;
          expect(sent.subarray(0, taken.length).equals(taken)).toBe(true);
          expect(outbox.pending).toBe(sent.length - taken.length);
          expect(all).toBe(outbox.pending === 0);
        }
        while (!outbox.flush(wire));
        expect(wire.taken.equals(sent)).toBe(true);
        expect(outbox.pending).toBe(0);
        expect(outbox.refused).toBe(false);
      }),
      { seed: 1, numRuns: 1000 },
    );
  });

  test("Outbox holds all that a dead connection did not take", () => {
    const some = fc.array(bytes(10, 1), { minLength: 1 });
    fc.assert(
      fc.property(some, fc.array(appetite), (chunks, appetites) => {
        const dead: number[] = new Array(200).fill(-1);
        const wire = new FakeWire([...appetites, ...dead]);
        const outbox = new Outbox();
        for (const chunk of chunks) outbox.send(wire, chunk);
        while (outbox.pending > 0 && !outbox.refused) outbox.flush(wire);

        const owed = outbox.pending;
        expect(outbox.flush(wire)).toBe(owed === 0);
        expect(outbox.pending).toBe(owed);
        const all = Buffer.concat(chunks);
        expect(wire.taken).toEqual(all.subarray(0, all.length - owed));
      }),
      { seed: 2, numRuns: 500 },
    );
  });
});

describe("send()", () => {
  test("send() writes nothing ahead of what is held", () => {
    const wire = new FakeWire([1]);
    const outbox = new Outbox();
    expect(outbox.send(wire, Buffer.from("one"))).toBe(false);
    expect(outbox.send(wire, Buffer.from("two"))).toBe(false);
    expect(wire.writes.map(String)).toEqual(["one"]);
    expect(outbox.flush(wire)).toBe(true);
    expect(wire.writes.map(String)).toEqual(["one", "ne", "two"]);
  });

  test("send() keeps a view, no copy", () => {
    const wire = new FakeWire([1]);
    const outbox = new Outbox();
    const chunk = Buffer.from("abc");
    outbox.send(wire, chunk);
    chunk[2] = 0x78;
    outbox.flush(wire);
    expect(String(wire.taken)).toBe("abx");
  });

  test("send() tells a dead connection", () => {
    const outbox = new Outbox();
    expect(outbox.send(new FakeWire([-1]), Buffer.from("abc"))).toBe(false);
    expect(outbox).toMatchObject({ pending: 3, refused: true });
  });

  test("flush() tells a connection that has died meanwhile", () => {
    const wire = new FakeWire([1, -1]);
    const outbox = new Outbox();
    outbox.send(wire, Buffer.from("abc"));
    expect(outbox.refused).toBe(false);
    expect(outbox.flush(wire)).toBe(false);
    expect(outbox).toMatchObject({ pending: 2, refused: true });
  });

  test("Outbox tells the memory of what it holds, whole buffers", () => {
    const wire = new FakeWire([20_000, 0, 30_000, 10_000]);
    const outbox = new Outbox(true);
    for (const length of [50_000, 20_000, 30_000]) {
      outbox.send(wire, Buffer.alloc(length));
    }
    expect(outbox).toMatchObject({ pending: 80_000, held: 100_000 });
    outbox.flush(wire);
    expect(outbox).toMatchObject({ pending: 80_000, held: 100_000 });
    outbox.flush(wire);
    expect(outbox).toMatchObject({ pending: 40_000, held: 50_000 });
    outbox.flush(wire);
    expect(outbox).toMatchObject({ pending: 0, held: 0 });
  });

  test.each([true, false])("discard() frees what it owns: %p", (owns) => {
    const chunk = Buffer.alloc(50_000);
    const outbox = new Outbox(owns);
    outbox.send(new FakeWire([10_000]), chunk);
    outbox.discard();
    expect(chunk.length).toBe(owns ? 0 : 50_000);
    expect(outbox).toMatchObject({ pending: 40_000, held: 0, refused: true });
    const wire = new FakeWire();
    expect(outbox.flush(wire)).toBe(false);
    expect(wire.writes).toEqual([]);
  });

  test("Outbox leaves alone what it does not own", () => {
    const message = Buffer.alloc(100_000);
    const outbox = new Outbox();
    const wire = new FakeWire([Infinity, 50_000]);
    outbox.send(wire, message);
    outbox.send(wire, message);
    outbox.flush(wire);
    expect(message.length).toBe(100_000);
  });
});

describe("flush()", () => {
  test("flush() of nothing writes nothing", () => {
    const wire = new FakeWire();
    expect(new Outbox().flush(wire)).toBe(true);
    expect(wire.writes).toEqual([]);
  });

  test("flush() asks once a drain, and goes on where it was", () => {
    const wire = new FakeWire([2, 0, 3, 1]);
    const outbox = new Outbox();
    outbox.send(wire, Buffer.from("0123456789"));
    for (const held of [8, 5, 4]) {
      expect(outbox.flush(wire)).toBe(false);
      expect(outbox.pending).toBe(held);
    }
    expect(outbox.flush(wire)).toBe(true);
    expect(wire.writes.map(String)).toEqual([
      "0123456789",
      "23456789",
      "23456789",
      "56789",
      "6789",
    ]);
  });
});
