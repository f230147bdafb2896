import { describe, expect, test } from "bun:test";

import { random } from "../../src/load/random.ts";
import { marginOf, studentT } from "../../src/result/margin.ts";
import { resembling } from "../support/result.ts";

test("studentT() agrees with the tables", () => {
  const table: [number, number][] = [
    [1, 12.706],
    [4, 2.776],
    [5, 2.571],
    [9, 2.262],
    [29, 2.045],
    [120, 1.98],
    [1e6, 1.96],
  ];
  for (const [degrees, t] of table) {
    expect(Math.abs(studentT(degrees) - t)).toBeLessThan(0.005);
  }
});

describe("marginOf()", () => {
  test("is Student's over the values, where batches scatter no more", () => {
    // Each batch of two or more is alike.
    const values = [90, 110, 110, 90, 90, 110, 110, 90, 90, 110, 110, 90];
    // t is 2.201 of 11 degrees, the deviation 10 of 12, its root of 12 values.
    const deviation = 10 * Math.sqrt(12 / 11);
    const margin = (2.201 * deviation) / Math.sqrt(12);
    expect(marginOf(values)).toBeCloseTo(margin, 3);
  });

  test("is that of longer batches where those scatter more", () => {
    const alone = [9, 11, 9, 11, 9, 11, 9, 11, 9, 11, 9, 11, 9, 11, 9, 11];
    const pairs = [9, 9, 11, 11, 9, 9, 11, 11, 9, 9, 11, 11, 9, 9, 11, 11];
    expect(marginOf(pairs)).toBeGreaterThan(marginOf(alone)! * 1.3);
  });

  test("is that of halves where a short run rises all the time", () => {
    const values = [1, 2, 3, 4, 5, 6, 7, 8];
    // Of 2.5 and 6.5, with a t of 12.7.
    expect(marginOf(values)).toBeCloseTo(12.7062 * 2, 6);
  });

  test("is that of thirds where a long one does", () => {
    const values = Array.from({ length: 24 }, (_, second) => second);
    // Of 3.5, 11.5 and 19.5, with a t of 4.3.
    expect(marginOf(values)).toBeCloseTo((4.3027 * 8) / Math.sqrt(3), 6);
  });

  test("is 0 where all are equal, and unknown of few", () => {
    expect(marginOf(Array(8).fill(5))).toBe(0);
    expect(marginOf(Array(7).fill(5))).toBeNull();
  });

  /** How often the margin around a run's mean does not reach the true one. */
  function missed(seconds: number, rho: number): number {
    const uniform = random(1);
    const RUNS = 2000;
    let count = 0;
    for (let run = 0; run < RUNS; run += 1) {
      const values = Array.from({ length: seconds }, resembling(rho, uniform));
      const mean = values.reduce((sum, one) => sum + one, 0) / seconds;
      if (Math.abs(mean) > marginOf(values)!) count += 1;
    }
    return count / RUNS;
  }

  test("holds the true mean of independent seconds 19 times in 20", () => {
    for (const seconds of [8, 10, 30, 60]) {
      expect(missed(seconds, 0)).toBeLessThan(0.05);
    }
  });

  test("holds that of seconds that hang together 17 times in 20", () => {
    for (const seconds of [20, 30, 60]) {
      for (const rho of [0.5, 0.8, 0.9]) {
        expect(missed(seconds, rho)).toBeLessThan(0.15);
      }
    }
  });
});
