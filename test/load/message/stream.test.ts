import { describe, expect, test } from "bun:test";
import fc from "fast-check";

import { PERIOD } from "../../../src/load/message/payload.ts";
import { Streams } from "../../../src/load/message/stream.ts";
import { DEFAULTS, type LoadOptions } from "../../../src/load/options.ts";
import { plansOf } from "../../../src/load/plan.ts";
import { parseEndpoint } from "../../../src/address/endpoint.ts";
import { FakeWire } from "../../support/fake-wire.ts";

const target = parseEndpoint("127.0.0.1:1");

function streamsOf(
  options: Partial<LoadOptions>,
  reply: "raw" | "stamp" = "raw",
) {
  const [plan] = plansOf({ ...DEFAULTS, target, ...options }, target, reply);
  return new Streams(plan!);
}

const { block } = streamsOf({}).payload;

/** A stream of messages of a byte, from a place in the block on. */
function streamAt(place: number) {
  const stream = streamsOf({ size: 1 }).on(0);
  stream.sendPlace = place;
  return stream;
}

/** The stream of a connection: the block from `start` on, over and over. */
function streamFrom(start: number, length: number): Buffer {
  const stream = Buffer.alloc(length);
  for (let at = 0; at < length; at += 1)
    stream[at] = block[(start + at) % PERIOD]!;
  return stream;
}

test("a stream sends the block from its place on, however the kernel takes it", () => {
  const start = fc.integer({ min: PERIOD - 5000, max: PERIOD - 1 });
  const appetites = fc.array(fc.integer({ min: 0, max: 3000 }));
  fc.assert(
    fc.property(start, fc.nat(20_000), appetites, (place, bytes, eaten) => {
      const wire = new FakeWire<undefined>(eaten);
      const stream = streamAt(place);
      stream.send(wire, bytes);
      // Once for each `writable`.
      for (let n = 0; n < eaten.length; n += 1) stream.flush(wire);
      expect(stream.pending).toBe(0);
      expect(wire.taken.equals(streamFrom(place, bytes))).toBe(true);
      expect(stream.sendPlace).toBe((place + bytes) % PERIOD);
    }),
    { seed: 1 },
  );
});

test("a stream sends a message that is longer than the block", () => {
  const wire = new FakeWire<undefined>();
  const stream = streamAt(1000);
  stream.send(wire, 3 * PERIOD);
  expect(wire.taken.equals(streamFrom(1000, 3 * PERIOD))).toBe(true);
});

test("a stream notes a connection that is gone", () => {
  const wire = new FakeWire<undefined>([5, -1]);
  const stream = streamAt(0);
  stream.send(wire, 10);
  expect(stream.refused).toBe(false);
  stream.flush(wire);
  expect(stream.refused).toBe(true);
  expect(stream.pending).toBe(5);
});

describe("receive() counts the messages that are complete,", () => {
  for (const reply of ["raw", "stamp"] as const) {
    test(`${reply}, however they come apart`, () => {
      const sizes = fc.integer({ min: 1, max: 3000 });
      const counts = fc.integer({ min: 1, max: 20 });
      const cuts = fc.array(fc.nat());
      fc.assert(
        fc.property(sizes, counts, cuts, (size, count, places) => {
          const stream = streamsOf({ size, pipeline: count }, reply).on(1);
          const wire = new FakeWire<undefined>();
          stream.send(wire, count);
          // A server's chunks, each with a stamp, and then those of the network.
          const served = split(wire.taken, places);
          const answer = reply === "raw" ? served : served.map(stamped);
          const total = Buffer.concat(answer);
          let complete = 0;
          for (const chunk of split(total, places.toReversed())) {
            complete += stream.receive(chunk);
          }
          expect(stream.finding).toBeUndefined();
          expect({ complete, received: stream.received }).toEqual({
            complete: count,
            received: count * size,
          });
        }),
        { seed: 3 },
      );
    });
  }

  test("up to the first byte that is wrong", () => {
    const stream = streamsOf({ size: 10, pipeline: 3 }, "stamp").on(1);
    const wire = new FakeWire<undefined>();
    stream.send(wire, 3);
    const wrong = Buffer.from(wire.taken.subarray(10));
    wrong[13]! ^= 1;
    const right = stamped(wire.taken.subarray(0, 10));
    expect(stream.receive(Buffer.concat([right, stamped(wrong)]))).toBe(1);
    expect(stream.finding).toMatchObject({
      fault: { offset: 23, kind: "changed" },
      mismatched: 1,
    });
  });
});

const STAMP = Buffer.from("[Sun Nov  1 09:05:07 2026] ");
const stamped = (chunk: Buffer) => Buffer.concat([STAMP, chunk]);

/** Its pieces, in order, none of them empty. */
function split(bytes: Buffer, places: number[]): Buffer[] {
  const cuts = places.map((place) => place % bytes.length);
  const edges = [...new Set([0, ...cuts, bytes.length])].toSorted(
    (a, b) => a - b,
  );
  return edges.slice(1).map((end, n) => bytes.subarray(edges[n], end));
}
