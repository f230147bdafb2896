import { expect, test } from "bun:test";
import { join } from "node:path";
import * as fc from "fast-check";

import { TimerQueue } from "../../src/faults/clock.ts";
import { until } from "../support/until.ts";

const FILE = join(import.meta.dir, "../../src/faults/clock.ts");

test("all run in the order they are due, none early, none twice", async () => {
  const list = fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 100 });
  await fc.assert(
    fc.asyncProperty(list, async (delays) => {
      const clock = new TimerQueue();
      const start = clock.now();
      const ran: number[] = [];
      for (const [n, delay] of delays.entries()) {
        clock.at(start + delay, () => {
          expect(clock.now()).toBeGreaterThanOrEqual(start + delay);
          ran.push(n);
        });
      }
      await until(() => ran.length >= delays.length, "all have run");
      const due = [...delays.keys()].toSorted(
        (a, b) => delays[a]! - delays[b]! || a - b,
      );
      expect(ran).toEqual(due);
    }),
    { seed: 1, numRuns: 20 },
  );
});

test("what was called off does not run, and what it would add neither", async () => {
  const clock = new TimerQueue();
  const ran: string[] = [];
  const cancel = clock.at(clock.now() + 5, () => ran.push("never"));
  clock.at(clock.now() + 2, () => {
    cancel();
    clock.at(clock.now(), () => ran.push("at once"));
  });
  clock.at(clock.now() + 10, () => ran.push("last"));
  await until(() => ran.includes("last"), "the last has run");
  expect(ran).toEqual(["at once", "last"]);
});

test("one that throws holds up no other", async () => {
  const script = `
    import { TimerQueue } from ${JSON.stringify(FILE)};
    process.on("uncaughtException", (error) => console.log(error.message));
    const clock = new TimerQueue();
    clock.at(clock.now() + 1, () => { throw new Error("thrown"); });
    clock.at(clock.now() + 1, () => console.log("ran"));
  `;
  const child = Bun.spawn([process.execPath, "-e", script], {
    stderr: "inherit",
    stdout: "pipe",
  });
  expect(await child.stdout.text()).toBe("thrown\nran\n");
});

test("what was called off keeps no process alive", async () => {
  const script = `
    import { TimerQueue } from ${JSON.stringify(FILE)};
    const clock = new TimerQueue();
    const cancel = clock.at(clock.now() + 3600e3, () => {});
    clock.at(clock.now() + 2 * 3600e3, () => {})();
    setTimeout(cancel, 5);
  `;
  const child = Bun.spawn([process.execPath, "-e", script]);
  expect(await child.exited).toBe(0);
});
