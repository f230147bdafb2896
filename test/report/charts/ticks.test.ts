import { expect, test } from "bun:test";
import * as fc from "fast-check";

import { formatEdges } from "../../../src/report/numbers.ts";
import { scaleOf } from "../../../src/report/charts/ticks.ts";

test("scaleOf() shows all of as many values as some days have seconds", () => {
  const values = Array<number>(1_000_000).fill(50);
  values[500_000] = 100;
  expect(scaleOf(values, true)).toEqual({
    log: false,
    min: 0,
    max: 105,
    ticks: [0, 20, 40, 60, 80, 100],
  });
});

test("every scale has ticks enough to be read, and tells them apart", () => {
  const range = fc.record({
    low: fc.double({ min: 0, max: 8, noNaN: true }),
    decades: fc.double({ min: 0, max: 6, noNaN: true }),
  });
  fc.assert(
    fc.property(range, fc.boolean(), ({ low, decades }, mayBeLog) => {
      const values = [10 ** low, 10 ** (low + decades)];
      const { min, max, ticks } = scaleOf(values, mayBeLog);
      expect(ticks.length).toBeGreaterThanOrEqual(3);
      expect(ticks.length).toBeLessThanOrEqual(11);
      expect(ticks.every((tick) => tick >= min && tick <= max)).toBe(true);
      const labels = formatEdges(ticks);
      expect(new Set(labels).size).toBe(labels.length);
    }),
    { seed: 1, numRuns: 2000 },
  );
});
