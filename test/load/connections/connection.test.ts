import { expect, test } from "bun:test";
import fc from "fast-check";

import {
  type FlightTimes,
  LoadConnection,
} from "../../../src/load/connections/connection.ts";
import type { Messages } from "../../../src/load/message/message.ts";

function connectionOf(room: number): LoadConnection {
  const times: FlightTimes = {
    due: new Float64Array(2 * room),
    sent: new Float64Array(2 * room),
    first: room,
    room,
  };
  const messages = undefined as unknown as Messages;
  return new LoadConnection(3, messages, times);
}

test("push() and pop() keep the times of messages in flight in order", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 100 }), (pushes) => {
      const connection = connectionOf(4);
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
  const connection = connectionOf(3);
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
