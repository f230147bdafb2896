import { expect, test } from "bun:test";
import * as fc from "fast-check";

import { faultPath } from "../support/fault-path.ts";
import { type Fault, RULES } from "../../src/protocol/faults/fault.ts";
import type { AnyHandlers } from "../../src/socket/layer.ts";
import type { Wire } from "../../src/socket/wire.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { FakeSocket } from "../support/fake-socket.ts";
import { anyFault } from "../support/faults.ts";

/** Small enough to matter within a short course. */
const fault: fc.Arbitrary<Fault> = fc
  .tuple(anyFault, fc.integer({ min: 1, max: 50 }))
  .map(([drawn, small]) => {
    const near = { ...drawn };
    if ("size" in near) near.size = small;
    if (near.when && "size" in near.when) {
      near.when = { ...near.when, size: small * 2 };
    }
    if (near.when && "time" in near.when) {
      near.when = { ...near.when, time: small * 3 };
    }
    if ("time" in near) near.time = small;
    if ("jitter" in near) near.jitter = Math.min(near.jitter, small);
    delete near.on;
    return near;
  })
  .filter(({ action }) => RULES[action].on && action !== "refuse");

/** What happens to a connection, from both sides, and how time goes on. */
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ data: fc.integer({ min: 1, max: 80 }) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ wait: fc.integer({ min: 1, max: 90 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ write: fc.integer({ min: 1, max: 80 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      socket: fc.constantFrom(
        "writable" as const,
        "end" as const,
        "close" as const,
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      act: fc.constantFrom(
        "pause" as const,
        "resume" as const,
        "shutdown" as const,
        "end" as const,
        "terminate" as const,
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ faults: fc.array(fault, { maxLength: 3 }) }),
  },
);

function isOver(told: readonly string[]): boolean {
  return told.includes("end") || told.includes("close");
}

test("whatever happens, handlers are told one open, one close, and nothing after", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fault, { maxLength: 4 }),
      fc.array(step, { maxLength: 25 }),
      fc.array(fc.integer({ min: -1, max: 40 }), { maxLength: 8 }),
      fc.boolean(),
      async (faults, steps, appetites, answersEnd) => {
        const clock = new FakeClock();
        const told: string[] = [];
        let wire: Wire | undefined;
        const layer = faultPath({
          faults,
          seed: 1,
          clock,
          onFault({ fault: text, offset }) {
            expect(text).not.toContain("undefined");
            expect(offset).toBeGreaterThanOrEqual(0);
          },
          moved: (_, now) => void (wire = now),
        });
        const outer = layer.wrap({
          open(opened: Wire) {
            wire = opened;
            told.push("open");
          },
          data: () => void told.push("data"),
          writable: () => void told.push("writable"),
          end(ended: Wire) {
            told.push("end");
            if (answersEnd) ended.end();
          },
          close: () => void told.push("close"),
          error: (_: Wire, error: Error) => void told.push(`error ${error}`),
        } as AnyHandlers);
        const socket = new FakeSocket(outer, appetites);
        socket.happens("open");
        let finished = false;
        for (const what of steps) {
          if ("wait" in what) clock.advance(what.wait);
          else if ("faults" in what) layer.faults = what.faults;
          else if ("write" in what) wire!.write(Buffer.alloc(what.write, 1));
          else if ("act" in what) wire![what.act]();
          else if ("data" in what) {
            // A peer sends nothing behind its FIN.
            if (!finished) socket.happens(Buffer.alloc(what.data, 2));
          } else {
            finished ||= what.socket === "end";
            socket.happens(what.socket);
          }
        }
        // A socket closes sometime, and a path is stopped.
        socket.happens("close");
        // One that ends within a write is told once that has returned.
        await Promise.resolve();
        for (let s = 0; s < 10_000 && !isOver(told); s++) clock.advance(1000);
        expect(isOver(told)).toBe(true);
        // A reset that arrives as a FIN leaves the end to the handlers.
        if (!told.includes("close")) wire!.end();
        layer.stop();
        const events = told.filter((event) => event !== "writable");
        expect(events[0]).toBe("open");
        expect(told.indexOf("close")).toBe(told.length - 1);
        expect(told.filter((event) => event === "end").length).toBeLessThan(2);
        expect(told.find((event) => event.startsWith("error"))).toBeUndefined();
        expect(layer.waiting).toBe(0);
        // An RST looks for a moment whether it may go.
        clock.advance(100);
        expect(clock.waiting).toBe(0);
      },
    ),
    { seed: 1, numRuns: 5000 },
  );
});
