import { describe, expect, test } from "bun:test";

import { Ecdf } from "../../src/result/ecdf.ts";
import {
  binomialRange,
  effectiveSamples,
  percentileInterval,
  rateInterval,
} from "../../src/result/interval.ts";
import { marginOf } from "../../src/result/margin.ts";
import type { Second } from "../../src/result/result.ts";
import { resultOf, type Service, serviceTimes } from "../support/result.ts";

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

  test("is as wide as its seconds' margin", () => {
    const counts = [90, 100, 110, 95, 105, 100, 98, 102, 91, 109];
    const margin = marginOf(counts)!;
    expect(ofCounts(counts)).toEqual([100 - margin, 100 + margin]);
  });

  test("is never narrower than a message", () => {
    expect(ofCounts(Array(9).fill(100))).toEqual([99, 101]);
  });

  test("leaves out the second that the run's end cut short", () => {
    const [low, high] = ofCounts([...Array<number>(9).fill(100), 40], 9.4)!;
    expect(high! - low).toBeCloseTo(2, 6);
  });

  test("is unknown from few seconds", () => {
    expect(ofCounts(Array(7).fill(100))).toBeNull();
  });
});

test("messages without an answer count as those that took for ages", () => {
  const times = serviceTimes({ seconds: 12, messages: 500, drift: 0.1 });
  // More of them in some seconds than in others.
  const withSlow = (slow: number) =>
    resultOf(
      times.map((second, number) =>
        second.map((us, index) => (index < number * 20 ? slow : us)),
      ),
    );
  const [lost, slow] = [withSlow(Infinity), withSlow(2_000_000_000)];
  const samples = effectiveSamples(lost, "p50");
  expect(samples).toBeGreaterThan(0);
  expect(samples).toBe(effectiveSamples(slow, "p50"));
  const interval = (result: typeof lost) =>
    percentileInterval(Ecdf.of(result.latency), {
      share: 0.5,
      samples: samples!,
    });
  expect(interval(lost)).toEqual(interval(slow));

  // As alike as seconds can be: then all messages are the limit.
  const even = (slowest: number) =>
    resultOf(Array.from({ length: 12 }, () => [1, 1, 2, 2, slowest, slowest]));
  const most = effectiveSamples(even(Infinity), "p50");
  expect(most).toBe(effectiveSamples(even(2_000_000_000), "p50"));
});

/** How often the interval of a run's percentile holds the true one. */
function coverage(share: number, key: "p50" | "p99", service: Service): number {
  const { sigma = 0.25 } = service;
  const RUNS = 80;
  const truth = 1000 * Math.exp((share === 0.5 ? 0 : 2.3263) * sigma);
  let held = 0;
  for (let seed = 1; seed <= RUNS; seed += 1) {
    const times = serviceTimes({ ...service, median: 1000, seed: seed * 7919 });
    const result = resultOf(times);
    const ecdf = Ecdf.of(result.latency);
    const samples = effectiveSamples(result, key)!;
    const [low, high] = percentileInterval(ecdf, { share, samples });
    if (low <= truth && (high === null || truth <= high)) held += 1;
  }
  return held / RUNS;
}

describe("percentileInterval() holds the true percentile of", () => {
  test("independent messages", () => {
    const service = { seconds: 10, messages: 200 };
    expect(coverage(0.5, "p50", service)).toBeGreaterThan(0.93);
    expect(coverage(0.99, "p99", service)).toBeGreaterThan(0.93);
  });

  test("messages that have their second's pace", () => {
    const service = { seconds: 10, messages: 200, drift: 0.1 };
    expect(coverage(0.5, "p50", service)).toBeGreaterThan(0.93);
  });
});

test("effectiveSamples() shrink where seconds differ", () => {
  const of = (drift: number) => {
    const result = resultOf(serviceTimes({ drift, messages: 500 }));
    return effectiveSamples(result, "p50")!;
  };
  expect(of(0)).toBeGreaterThan(2000);
  expect(of(0.3)).toBeLessThan(100);
});

describe("effectiveSamples() is unknown", () => {
  const result = resultOf(serviceTimes({ messages: 200 }));
  const ofSeries = (change: (second: Second) => Second) =>
    effectiveSamples({ ...result, series: result.series.map(change) }, "p99");

  test("where a second does not tell what is above", () => {
    expect(ofSeries((second) => second)).toBeGreaterThan(0);
    expect(
      ofSeries((second) => {
        const older = { ...second };
        delete older.above;
        return older;
      }),
    ).toBeNull();
    expect(
      ofSeries((second) => ({
        ...second,
        above: { ...second.above!, p99: second.second === 3 ? null : 2 },
      })),
    ).toBeNull();
  });

  test("from few seconds", () => {
    const short = resultOf(serviceTimes({ seconds: 7 }));
    expect(effectiveSamples(short, "p50")).toBeNull();
  });

  test("where nothing is above, as all took equally long", () => {
    const equal = resultOf(Array(10).fill(Array(20).fill(50)));
    expect(effectiveSamples(equal, "p50")).toBeNull();
  });

  test("where the seconds say what can't be", () => {
    const above = { p50: 999, p90: 999, p99: 999, p999: null, p9999: null };
    expect(ofSeries((second) => ({ ...second, above }))).toBeNull();
  });
});

describe("percentileInterval()", () => {
  const { latency } = resultOf(serviceTimes({ messages: 100 }));
  const ecdf = Ecdf.of(latency);

  test("has no upper end where too few lie beyond", () => {
    const precision = { share: 0.999, samples: 100 };
    expect(percentileInterval(ecdf, precision)[1]).toBeNull();
  });

  test("reaches as low as the percentiles below it are uncertain", () => {
    const precision = { share: 0.999, samples: 800 };
    const low = (samples: number) =>
      percentileInterval(ecdf, precision, [
        { share: 0.99, samples },
        { share: 0.9, samples: 10 },
      ])[0];
    const [alone] = percentileInterval(ecdf, precision);
    expect(low(1000)).toBe(alone);
    // Of 400 samples, p99.9's end is still above p99: p90 does not matter.
    expect(low(400)).toBeLessThan(alone);
    expect(low(400)).toBeGreaterThan(low(100));
  });
});
