import { expect, test } from "bun:test";

import * as fc from "fast-check";

import { EventQueue } from "../../src/server/events.ts";

test("events are read in their order, whenever they are read", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean()), async (steps) => {
      const queue = new EventQueue<number>(undefined, () => {});
      const reads: Promise<IteratorResult<number>>[] = [];
      let pushed = 0;
      for (const pushes of steps) {
        if (pushes) queue.push(pushed++);
        else reads.push(queue.next());
      }
      queue.end();
      const got = await Promise.all(reads);
      for await (const value of queue) got.push({ done: false, value });
      const values = got.flatMap(({ done, value }) => (done ? [] : [value]));
      expect(values).toEqual(Array.from({ length: pushed }, (_, n) => n));
    }),
  );
});

test("one who leaves too many unread is told so behind those that were kept", async () => {
  let left = 0;
  const queue = new EventQueue<number>(undefined, () => (left += 1));
  for (let n = 0; n < 100_005; n += 1) queue.push(n);
  expect(left).toBe(1);
  for (let n = 0; n < 100_000; n += 1) {
    if ((await queue.next()).value !== n) throw new Error(`${n} is not next`);
  }
  expect(queue.next()).rejects.toMatchObject({ code: "ENOBUFS" });
  await queue.next().catch(() => {});
  expect(await queue.next()).toEqual({ done: true, value: undefined });
});

test("an abort ends the wait with its reason, and forgets the rest", async () => {
  const abort = new AbortController();
  const reason = new Error("enough");
  const queue = new EventQueue<number>(abort.signal, () => {});
  queue.push(1);
  abort.abort(reason);
  queue.push(2);
  expect(queue.next()).rejects.toBe(reason);
  await Promise.resolve();
  expect((await queue.next()).done).toBe(true);
  const late = new EventQueue<number>(AbortSignal.abort(reason), () => {});
  expect(late.next()).rejects.toBe(reason);
});
