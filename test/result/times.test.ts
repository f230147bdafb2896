import { describe, expect, test } from "bun:test";
import fc from "fast-check";

import {
  decode,
  newHistogram,
  percentile,
  TimeCounts,
  timesOf,
} from "../../src/result/times.ts";
import { histogramOf, timesOfSamples } from "../support/result.ts";

/** Times of all magnitudes, up to the longest that is told apart. */
const time = fc.oneof(
  fc.nat(5000),
  fc.nat(2_000_000),
  fc.integer({ min: 0, max: 2 ** 31 - 1 }),
);
const times = fc.array(time, { minLength: 1, maxLength: 300 });

function countsOf(samples: readonly number[]): TimeCounts {
  const counts = new TimeCounts();
  for (const sample of samples) counts.record(sample);
  return counts;
}

describe("TimeCounts", () => {
  test("says the same as a histogram that recorded each time", () => {
    fc.assert(
      fc.property(times, fc.float({ min: 0, max: 100 }), (samples, at) => {
        const reference = newHistogram();
        for (const sample of samples) reference.recordValue(sample);
        const histogram = histogramOf(samples);
        expect(histogram.totalCount).toBe(samples.length);
        for (const one of [at, 0, 50, 90, 99, 99.9, 100]) {
          expect(histogram.getValueAtPercentile(one)).toBe(
            reference.getValueAtPercentile(one),
          );
        }
      }),
      { seed: 1 },
    );
  });

  test("tells percentiles as its histogram does, and what is above them", () => {
    fc.assert(
      fc.property(times, fc.double({ min: 0, max: 100 }), (samples, at) => {
        const counts = countsOf(samples);
        const histogram = counts.toHistogram();
        for (const one of [at || 0, 0, 50, 90, 99, 99.9, 99.99, 100]) {
          const us = percentile(histogram, one);
          expect(counts.percentile(one)).toBe(us);
          if (us === null || one === 0) continue;
          const above = samples.filter((sample) => sample > us).length;
          expect(counts.above(us)).toBe(above);
        }
        expect(TimeCounts.unpack(counts.pack())).toEqual(counts);
      }),
      { seed: 3 },
    );
    expect(new TimeCounts().percentile(100)).toBe(null);
  });

  test("is exact up to 2 ms, and to three digits beyond", () => {
    fc.assert(
      fc.property(time, (us) => {
        const told = histogramOf([us]).getValueAtPercentile(50);
        if (us < 2048) expect(told).toBe(us);
        expect(Math.abs(told - us)).toBeLessThanOrEqual(us / 1000);
      }),
      { seed: 2, numRuns: 1000 },
    );
  });

  test("takes what is below 0 for 0, what is too long for the longest", () => {
    const { counts } = countsOf([-5, NaN, 0.9, 1.9]);
    expect(counts.subarray(0, 3)).toEqual(new Float64Array([3, 1, 0]));
    const longest = histogramOf([2 ** 31, 2 ** 40, Infinity]);
    expect(longest.totalCount).toBe(3);
    expect(longest.getValueAtPercentile(50)).toBeGreaterThan(2_145_000_000);
  });

  test("add() makes one of all", () => {
    fc.assert(
      fc.property(times, times, (some, others) => {
        const sum = countsOf(some);
        sum.add(countsOf(others));
        expect(sum).toEqual(countsOf([...some, ...others]));
        expect(sum.total).toBe(some.length + others.length);
      }),
      { seed: 3, numRuns: 30 },
    );
  });
});

describe("timesOf()", () => {
  test("encodes a histogram that reads back the same", () => {
    fc.assert(
      fc.property(times, (samples) => {
        const told = timesOfSamples(samples);
        expect(timesOf(decode(told.histogram))).toEqual(told);
      }),
      { seed: 4 },
    );
  });

  test("tells nothing of no samples", () => {
    expect(timesOfSamples([])).toMatchObject({
      count: 0,
      min: null,
      mean: null,
      p50: null,
      p9999: null,
      max: null,
    });
  });
});

test("percentiles count messages without an answer as the slowest", () => {
  const lost = fc.nat(400);
  fc.assert(
    fc.property(times, lost, (samples, unanswered) => {
      const counts = countsOf(samples);
      const histogram = counts.toHistogram();
      const known = samples.toSorted((a, b) => a - b);
      const all = samples.length + unanswered;
      for (const at of [50, 75, 90, 99]) {
        const us = percentile(histogram, at, unanswered);
        expect(counts.percentile(at, unanswered)).toBe(us);
        // In whole hundredths, where nothing is rounded.
        const rank = Math.ceil((at * all) / 100);
        if (all < 100 / (100 - at) || rank > known.length) {
          expect(us).toBeNull();
        } else {
          const alone = histogramOf([known[rank - 1]!]);
          expect(us).toBe(alone.getValueAtPercentile(50));
        }
      }
    }),
    { seed: 5, numRuns: 500 },
  );
});

test("what can't be told for messages without an answer is null", () => {
  const samples = Array.from({ length: 944 }, () => 759);
  const told = timesOf(histogramOf(samples), 56);
  expect(told).toMatchObject({ count: 944, unanswered: 56, min: 759 });
  expect(told).toMatchObject({ p50: 759, p90: 759, p99: null, p999: null });
  expect(told).toMatchObject({ mean: null, max: null });
  expect(timesOf(histogramOf(samples), 0)).toMatchObject({
    unanswered: 0,
    p99: 759,
    mean: 759,
    max: 759,
  });
  expect(timesOf(histogramOf([]), 5)).toMatchObject({ count: 0, p50: null });
});

test("percentile() is null where too few samples are behind it", () => {
  const least = { 50: 2, 90: 10, 99: 100, 99.9: 1000, 99.99: 10_000 };
  for (const [at, count] of Object.entries(least)) {
    const enough = histogramOf(new Array(count).fill(7));
    const tooFew = histogramOf(new Array(count - 1).fill(7));
    expect(percentile(enough, Number(at))).toBe(7);
    expect(percentile(tooFew, Number(at))).toBeNull();
  }
});
