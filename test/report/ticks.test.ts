import { expect, test } from "bun:test";

import { scaleOf } from "../../src/report/ticks.ts";

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
