import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";

import { chance, isOn } from "../../../src/protocol/faults/chance.ts";
import type { On } from "../../../src/protocol/faults/fault.ts";

/** Which of the first `count` connections have it. */
function chosen(on: On, count: number, seed = 1, index = 0): number[] {
  return Array.from({ length: count }, (_, n) => n + 1).filter((connection) =>
    isOn({ action: "stall", on }, index, connection, seed),
  );
}

describe("isOn()", () => {
  test("first N and every Nth count from 1", () => {
    expect(chosen({ first: 2 }, 10)).toEqual([1, 2]);
    expect(chosen({ every: 3 }, 10)).toEqual([3, 6, 9]);
    expect(chosen({ every: 1 }, 3)).toEqual([1, 2, 3]);
  });

  test("0% is none, 100% is all", () => {
    expect(chosen({ percent: 0 }, 10_000).length).toBe(0);
    expect(chosen({ percent: 100 }, 10_000).length).toBe(10_000);
  });

  test.each([0.5, 10, 50, 99])("%d%% are so many, with any seed", (percent) => {
    for (const seed of [0, 1, 2, 12345]) {
      const share = (chosen({ percent }, 20_000, seed).length / 20_000) * 100;
      // Five standard deviations.
      const width = 5 * Math.sqrt((percent * (100 - percent)) / 20_000);
      expect(Math.abs(share - percent)).toBeLessThan(width);
    }
  });

  test("the same seed chooses the same, in any order", () => {
    const on = { percent: 30 };
    const fault = { action: "stall", on } as const;
    const expected = new Set(chosen(on, 1000, 7));
    const order = fc.array(fc.integer({ min: 1, max: 1000 }));
    fc.assert(
      fc.property(order, (connections) => {
        for (const connection of connections) {
          expect(isOn(fault, 0, connection, 7)).toBe(expected.has(connection));
        }
      }),
      { seed: 1 },
    );
  });

  test("two faults of a list, and two seeds, choose differently", () => {
    const first = chosen({ percent: 50 }, 1000);
    expect(chosen({ percent: 50 }, 1000, 1, 1)).not.toEqual(first);
    expect(chosen({ percent: 50 }, 1000, 2)).not.toEqual(first);
  });
});

test("chance() never changes: results of one release hold for the next", () => {
  expect([chance(1, "on", 0, 1), chance(1, "on", 0, 2)]).toMatchInlineSnapshot(`
    [
      0.19231884092536444,
      0.5471189835363539,
    ]
  `);
});
