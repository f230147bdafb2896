import { expect, test } from "bun:test";
import fc from "fast-check";

import { type FlightTimes, LoadConnection } from "../../src/load/connection.ts";
import { Payload, PERIOD } from "../../src/load/message/payload.ts";
import { FakeWire } from "../support/fake-wire.ts";

const { block } = new Payload(1);

function connectionAt(start: number, room = 4): LoadConnection {
  const times: FlightTimes = {
    due: new Float64Array(2 * room),
    sent: new Float64Array(2 * room),
    first: room,
    room,
  };
  return new LoadConnection(3, start, 0, times);
}

/** The stream of a connection: the block from `start` on, over and over. */
function streamFrom(start: number, length: number): Buffer {
  const stream = Buffer.alloc(length);
  for (let at = 0; at < length; at += 1)
    stream[at] = block[(start + at) % PERIOD]!;
  return stream;
}

test("write() sends the block from its place on, however the kernel takes it", () => {
  const start = fc.integer({ min: PERIOD - 5000, max: PERIOD - 1 });
  const appetites = fc.array(fc.integer({ min: 0, max: 3000 }));
  fc.assert(
    fc.property(start, fc.nat(20_000), appetites, (place, bytes, eaten) => {
      const wire = new FakeWire<LoadConnection>(eaten);
      const connection = connectionAt(place);
      connection.wire = wire;
      connection.pending = bytes;
      // Once when they are sent, and then for each `drain`.
      for (let n = 0; n <= eaten.length; n += 1) connection.write(block);
      expect(connection.pending).toBe(0);
      expect(wire.taken.equals(streamFrom(place, bytes))).toBe(true);
      expect(connection.sendPlace).toBe((place + bytes) % PERIOD);
    }),
    { seed: 1 },
  );
});

test("write() sends a message that is longer than the block", () => {
  const wire = new FakeWire<LoadConnection>();
  const connection = connectionAt(1000);
  connection.wire = wire;
  connection.pending = 3 * PERIOD;
  connection.write(block);
  expect(wire.taken.equals(streamFrom(1000, 3 * PERIOD))).toBe(true);
});

test("write() notes a connection that is gone", () => {
  const connection = connectionAt(0);
  connection.wire = new FakeWire<LoadConnection>([5, -1]);
  connection.pending = 10;
  connection.write(block);
  expect(connection.refused).toBe(false);
  connection.write(block);
  expect(connection.refused).toBe(true);
  expect(connection.pending).toBe(5);
});

test("push() and pop() keep the times of messages in flight in order", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 100 }), (pushes) => {
      const connection = connectionAt(0, 4);
      const flying: number[] = [];
      pushes.forEach((push, n) => {
        if (push && flying.length < 4) {
          connection.push(n, n + 0.5);
          flying.push(n);
        } else if (!push && flying.length > 0) {
          connection.pop();
          flying.shift();
        }
        expect(connection.inFlight).toBe(flying.length);
        if (flying.length === 0) return;
        expect(connection.oldestDue).toBe(flying[0]!);
        expect(connection.oldestSent).toBe(flying[0]! + 0.5);
      });
    }),
    { seed: 2 },
  );
});

test("dueFrom() counts those in flight that were due from a time on", () => {
  const connection = connectionAt(0, 3);
  // Around the end of the ring.
  for (const due of [1, 2, 3]) connection.push(due, due);
  connection.pop();
  connection.pop();
  for (const due of [4, 5]) connection.push(due, due);
  expect([0, 3, 3.5, 5, 6].map((from) => connection.dueFrom(from))).toEqual([
    3, 3, 2, 1, 0,
  ]);
  expect(connection.dueFrom(Infinity)).toBe(0);
});
