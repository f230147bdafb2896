import { expect, test } from "bun:test";
import fc from "fast-check";

import { Queue } from "../../src/load/queue.ts";

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
