import { expect, test } from "bun:test";
import fc from "fast-check";

import { Gate, Queue } from "../../../src/load/connections/queue.ts";

test("Queue gives back what it was given, in order, however it grows", () => {
  // How many are pushed, and then how many are taken, in turn.
  const turns = fc.array(fc.tuple(fc.nat(200), fc.nat(200)));
  fc.assert(
    fc.property(turns, (rounds) => {
      const queue = new Queue<number>();
      let pushed = 0;
      let taken = 0;
      for (const [pushes, takes] of rounds) {
        for (let i = 0; i < pushes; i += 1) queue.push(pushed++);
        for (let i = 0; i < takes; i += 1) {
          expect(queue.shift()).toBe(taken < pushed ? taken++ : undefined);
        }
        expect(queue.length).toBe(pushed - taken);
      }
    }),
    { seed: 1 },
  );
});

test("Gate lets as many through as there is room, the next in line after", async () => {
  const gate = new Gate(2);
  const inside: number[] = [];
  const leave: (() => void)[] = [];
  const passing = [0, 1, 2, 3].map((who) =>
    gate.through(() => {
      inside.push(who);
      return new Promise((resolve) => {
        leave[who] = resolve;
      });
    }),
  );
  expect(inside).toEqual([0, 1]);
  leave[1]!();
  await passing[1];
  expect(inside).toEqual([0, 1, 2]);
  leave[0]!();
  await passing[0];
  expect(inside).toEqual([0, 1, 2, 3]);
});

test("Gate gives room back after a failure, too", async () => {
  const gate = new Gate(1);
  await expect(
    gate.through(() => Promise.reject(new Error("no"))),
  ).rejects.toThrow("no");
  let passed = false;
  await gate.through(async () => void (passed = true));
  expect(passed).toBe(true);
});
