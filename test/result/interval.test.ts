import { describe, expect, test } from "bun:test";

import { Ecdf } from "../../src/result/ecdf.ts";
import {
  binomialRange,
  effectiveSamples,
  percentileInterval,
  rateInterval,
  studentT,
} from "../../src/result/interval.ts";
import { resultOf, type Service, serviceTimes } from "../support/result.ts";

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

test("binomialRange() agrees with the tables, exact and approximate", () => {
  expect(binomialRange(10, 0.5)).toEqual([2, 8]);
  expect(binomialRange(100, 0.01)).toEqual([0, 3]);
  expect(binomialRange(1000, 0.1)).toEqual([82, 119]);
  expect(binomialRange(8, 0.0001)).toEqual([0, 0]);
  const [low, high] = binomialRange(1_000_000, 0.5);
  expect(low).toBe(499_020);
  expect(high).toBe(500_980);
});

describe("rateInterval()", () => {
  const ofCounts = (counts: readonly number[], seconds = counts.length) =>
    rateInterval({
      ...resultOf(counts.map((count) => Array<number>(count).fill(1))),
      seconds,
    });

  test("is Student's over the seconds", () => {
    const [low, high] = ofCounts([90, 100, 110])!;
    // t is 4.303, the deviation 10, its root of three seconds.
    expect(low).toBeCloseTo(100 - (4.3027 * 10) / Math.sqrt(3), 6);
    expect(high).toBeCloseTo(100 + (4.3027 * 10) / Math.sqrt(3), 6);
  });

  test("is never narrower than a message", () => {
    expect(ofCounts([100, 100, 100])).toEqual([99, 101]);
  });

  test("leaves out the second that the run's end cut short", () => {
    expect(ofCounts([100, 100, 100, 40], 3.4)).toEqual(
      [-1, 1].map((one) => 85 + one) as [number, number],
    );
  });

  test("is unknown from one second", () => {
    expect(ofCounts([100])).toBeNull();
  });
});

/** How often the interval of a run's percentile holds the true one. */
function coverage(share: number, key: "p50" | "p99", service: Service): number {
  const { sigma = 0.25 } = service;
  const RUNS = 150;
  const truth = 1000 * Math.exp((share === 0.5 ? 0 : 2.3263) * sigma);
  let held = 0;
  for (let seed = 1; seed <= RUNS; seed += 1) {
    const times = serviceTimes({ ...service, median: 1000, seed: seed * 7919 });
    const result = resultOf(times);
    const ecdf = Ecdf.of(result.latency);
    const samples = effectiveSamples(ecdf, result, key)!;
    const [low, high] = percentileInterval(ecdf, share, samples);
    if (low <= truth && (high === null || truth <= high)) held += 1;
  }
  return held / RUNS;
}

describe("percentileInterval() holds the true percentile of", () => {
  test("independent messages", () => {
    const service = { seconds: 6, messages: 300 };
    expect(coverage(0.5, "p50", service)).toBeGreaterThan(0.93);
    expect(coverage(0.99, "p99", service)).toBeGreaterThan(0.93);
  });

  test("messages that have their second's pace", () => {
    const service = { seconds: 6, messages: 300, drift: 0.1 };
    expect(coverage(0.5, "p50", service)).toBeGreaterThan(0.93);
  });
});

test("effectiveSamples() shrink where seconds differ", () => {
  const of = (drift: number) => {
    const result = resultOf(serviceTimes({ drift, messages: 500 }));
    return effectiveSamples(Ecdf.of(result.latency), result, "p50")!;
  };
  expect(of(0)).toBeGreaterThan(2000);
  expect(of(0.3)).toBeLessThan(100);
});

test("effectiveSamples() is unknown without two seconds' percentiles", () => {
  const result = resultOf(serviceTimes({ seconds: 2 }));
  const series = result.series.map((second) => ({ ...second, p50: null }));
  const ecdf = Ecdf.of(result.latency);
  expect(effectiveSamples(ecdf, { ...result, series }, "p50")).toBeNull();
});

test("percentileInterval() has no upper end where too few lie beyond", () => {
  const { latency } = resultOf(serviceTimes({ messages: 100 }));
  expect(percentileInterval(Ecdf.of(latency), 0.999, 100)[1]).toBeNull();
});
