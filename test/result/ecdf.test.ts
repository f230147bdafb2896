import { expect, test } from "bun:test";
import * as fc from "fast-check";

import { Ecdf } from "../../src/result/ecdf.ts";
import { histogramOf } from "../support/result.ts";

const samples = fc.array(fc.integer({ min: 0, max: 3_000_000 }), {
  minLength: 1,
  maxLength: 300,
});

function ecdfOf(times: readonly number[]): Ecdf {
  return new Ecdf(histogramOf(times));
}

test("samples without a time are above all others", () => {
  const ecdf = new Ecdf(histogramOf([10, 20, 30]), 1);
  expect(ecdf).toMatchObject({ answered: 3, count: 4 });
  expect([0.5, 0.75, 0.76, 1].map((at) => ecdf.binAt(at)?.from)).toEqual([
    20,
    30,
    undefined,
    undefined,
  ]);
  expect(ecdf.shareAt(30)).toEqual({ before: 0.5, upTo: 0.75 });
  expect(ecdf.countBelow(1000)).toBe(3);
});

test("binAt() finds the bin that the histogram's percentile is of", () => {
  const share = fc.constantFrom(0, 0.07, 0.5, 0.9, 0.99, 0.999, 1);
  fc.assert(
    fc.property(samples, share, (times, at) => {
      const histogram = histogramOf(times);
      const { from, to } = new Ecdf(histogram).binAt(at)!;
      const value = histogram.getValueAtPercentile(at * 100);
      expect(from).toBeLessThanOrEqual(value);
      expect(value).toBeLessThan(to);
    }),
    { seed: 1 },
  );
});

test("binAt() is not led on by a product that is a little too large", () => {
  expect(0.07 * 100).toBeGreaterThan(7);
  const ecdf = ecdfOf(Array.from({ length: 100 }, (_, index) => index + 1));
  expect(ecdf.binAt(0.07)!.from).toBe(7);
});

test("shareAt() agrees with counting", () => {
  fc.assert(
    fc.property(samples, fc.nat(2000), (times, us) => {
      // Up to 2047 each microsecond has its bin.
      const { before, upTo } = ecdfOf(times).shareAt(us);
      const share = (counts: (time: number) => boolean) =>
        times.filter(counts).length / times.length;
      expect(before).toBeCloseTo(
        share((time) => time < us),
        12,
      );
      expect(upTo).toBeCloseTo(
        share((time) => time <= us),
        12,
      );
    }),
    { seed: 2 },
  );
});

test("countBelow() agrees with counting", () => {
  fc.assert(
    fc.property(samples, fc.nat(2048), (times, us) => {
      expect(ecdfOf(times).countBelow(us)).toBe(
        times.filter((time) => time < us).length,
      );
    }),
    { seed: 3 },
  );
});

test("an Ecdf of nothing has no bins", () => {
  const ecdf = ecdfOf([]);
  expect(ecdf.count).toBe(0);
  expect(ecdf.bins).toEqual([]);
  expect(ecdf.binAt(0.5)).toBeUndefined();
  expect(ecdf.countBelow(10)).toBe(0);
});
