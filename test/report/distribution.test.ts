import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";

import { formatEdges } from "../../src/report/numbers.ts";
import {
  distributionOf,
  labelsOf,
  type Row,
} from "../../src/report/distribution.ts";
import {
  serviceTimes,
  type Service,
  timesOfSamples,
} from "../support/result.ts";

function rowsOf(service: Service): Row[] {
  return distributionOf(timesOfSamples(serviceTimes(service).flat()));
}

/** From microseconds to half an hour, as likely in each decade. */
const time = fc
  .double({ min: 0, max: 31, noNaN: true })
  .map((power) => Math.floor(2 ** power) - 1);

describe("distributionOf()", () => {
  test("has ends that are told from each other, however near they are", () => {
    const path = fc.record({
      latency: fc.integer({ min: 1, max: 2e9 }),
      spread: fc.double({ min: 1e-4, max: 3, noNaN: true }),
    });
    fc.assert(
      fc.property(path, ({ latency, spread }) => {
        const samples = Array.from({ length: 200 }, (_, index) =>
          Math.round(latency * (1 + (spread * index) / 200)),
        );
        const rows = distributionOf(timesOfSamples(samples));
        const labels = formatEdges(rows.map(({ to }) => to));
        expect(new Set(labels).size).toBe(labels.length);
      }),
      { seed: 3, numRuns: 200 },
    );
  });

  test("has as many digits as a path of 10 ms needs", () => {
    const samples = Array.from(
      { length: 1000 },
      (_, index) => 10_000 + index / 10,
    );
    const rows = distributionOf(timesOfSamples(samples));
    const labels = formatEdges(rows.map(({ to }) => to));
    expect(labels.slice(0, 3)).toEqual(["10.01 ms", "10.02 ms", "10.03 ms"]);
    expect(labels.length).toBeGreaterThanOrEqual(10);
  });

  test("has rows as even as the samples are, wherever bins begin", () => {
    // 10 ms are known to 8 µs, and a row is 10 µs wide.
    const samples = Array.from(
      { length: 10_000 },
      (_, index) => 10_000 + (index % 100),
    );
    const rows = distributionOf(timesOfSamples(samples));
    // The last bin ends beyond the samples, in a row of its own.
    for (const { share } of rows.slice(1, -2)) {
      expect(share).toBeCloseTo(0.1, 6);
    }
  });

  test("ends above the maximum that is told", () => {
    // 49,990 is known as 49,984 to 50,016, and told as 50.0 ms.
    const samples = [...Array<number>(99).fill(20_000), 49_990];
    const last = distributionOf(timesOfSamples(samples)).at(-1)!;
    expect(last).toMatchObject({ to: 100_000, count: 1 });
  });

  const labelled = (samples: readonly number[]) => {
    const rows = distributionOf(timesOfSamples(samples));
    return labelsOf(rows).map((label, index) => [label, rows[index]!.count]);
  };

  test("says of no sample that it is below what it is", () => {
    expect(labelled(Array<number>(100).fill(10_000))).toEqual([
      ["< 10.01 ms", 100],
    ]);
    expect(labelled(Array<number>(100).fill(3_000_000))).toEqual([
      ["< 3.005 s", 100],
    ]);
    const around250 = Array.from({ length: 1000 }, (_, i) => 250_000 + 3 * i);
    expect(labelled(around250)[0]).toEqual(["< 250.5 ms", expect.anything()]);
  });

  test("has labels that are its ends to the digit, around all samples", () => {
    const units: Record<string, number> = { µs: 1, ms: 1000, s: 1e6 };
    const path = fc.record({
      latency: fc.integer({ min: 1, max: 5e7 }),
      spread: fc.double({ min: 0, max: 3, noNaN: true }),
    });
    fc.assert(
      fc.property(path, ({ latency, spread }) => {
        const times = timesOfSamples(
          Array.from({ length: 200 }, (_, index) =>
            Math.round(latency * (1 + (spread * index) / 200)),
          ),
        );
        const rows = distributionOf(times);
        for (const [index, label] of labelsOf(rows).entries()) {
          const [, number, unit] = /^< ([\d.]+) (µs|ms|s)$/.exec(label) ?? [];
          // From a minute on, `1m 05s`.
          if (number === undefined) continue;
          const { to } = rows[index]!;
          expect(Number(number) * units[unit!]!).toBeCloseTo(to, 6);
        }
        expect(rows[0]!.to).toBeGreaterThan(times.min!);
        expect(rows.at(-1)!.to).toBeGreaterThan(times.max!);
      }),
      { seed: 5, numRuns: 300 },
    );
  });

  test("has no rows that are narrower than what is known", () => {
    // A second is known to half a millisecond.
    const samples = Array.from({ length: 4000 }, (_, index) => 1e6 + index);
    const rows = distributionOf(timesOfSamples(samples));
    expect(rows.filter(({ count }) => count === 0)).toEqual([]);
    expect(rows.length).toBeGreaterThan(3);
    for (const { from, to } of rows.slice(1)) {
      expect(to - from).toBeGreaterThan(512);
    }
  });

  test("counts every sample once, in rows that leave no gap", () => {
    fc.assert(
      fc.property(
        fc.array(time, { minLength: 1, maxLength: 500 }),
        (samples) => {
          const rows = distributionOf(timesOfSamples(samples));
          let from = 0;
          for (const row of rows) {
            expect(row.from).toBe(from);
            expect(row.to).toBeGreaterThan(from);
            from = row.to;
          }
          expect(rows.length).toBeLessThanOrEqual(20);
          expect(rows.reduce((sum, { count }) => sum + count, 0)).toBeCloseTo(
            samples.length,
            6,
          );
          expect(rows.at(-1)!.count).toBeGreaterThan(0);
        },
      ),
      { seed: 1, numRuns: 300 },
    );
  });

  test("spreads usual times over enough rows to have a shape", () => {
    for (const median of [15, 63, 800, 40_000, 2_000_000]) {
      const shares = rowsOf({ median }).map(({ share }) => share);
      expect(shares.filter((share) => share > 0.02).length).toBeGreaterThan(4);
      expect(Math.max(...shares)).toBeLessThan(0.5);
    }
  });

  test("keeps that shape where a few are a thousand times slower", () => {
    const times = serviceTimes();
    const slow = times.flat().map((us, index) => (index % 50 ? us : us * 1000));
    const rows = distributionOf(timesOfSamples(slow));
    expect(rows.filter(({ share }) => share > 0.02).length).toBeGreaterThan(4);
    expect(rows.at(-1)!.to).toBeGreaterThan(100_000);
  });

  test("ends rows at numbers that read well", () => {
    const edges = rowsOf({}).map(({ to }) => to);
    expect(edges).toEqual([
      50, 60, 70, 80, 90, 100, 110, 120, 130, 140, 150, 200, 500,
    ]);
  });

  test("marks where the percentiles are", () => {
    const times = timesOfSamples(serviceTimes().flat());
    const rows = distributionOf(times);
    const rowOf = (us: number) => rows.find(({ to }) => us < to)!;
    expect(rowOf(times.p50!).mark).toBe("p50");
    expect(rowOf(times.p99!).mark).toBe("p99");
    const alike = distributionOf(timesOfSamples(Array(2000).fill(7)));
    expect(alike.map(({ mark }) => mark)).toEqual(["p50–p99.9"]);
  });

  test("of nothing has no rows", () => {
    expect(distributionOf(timesOfSamples([]))).toEqual([]);
  });
});
