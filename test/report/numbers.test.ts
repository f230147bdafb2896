import { expect, test } from "bun:test";

import {
  formatChange,
  formatEdge,
  formatEdges,
  formatRate,
  formatShare,
  formatTime,
  formatTimes,
} from "../../src/report/numbers.ts";
import { formatCount } from "../../src/units.ts";

test("formatTime() has a readable unit and about three digits", () => {
  const times: [number | null, string][] = [
    [0, "0 µs"],
    [63, "63 µs"],
    [63.44, "63.4 µs"],
    [999, "999 µs"],
    [999.6, "1.00 ms"],
    [1240, "1.24 ms"],
    [12_400, "12.4 ms"],
    [2_050_000, "2.05 s"],
    [125_000_000, "2m 05s"],
    [null, "–"],
  ];
  for (const [us, text] of times) expect(formatTime(us)).toBe(text);
});

test("formatEdges() has as many digits as each step needs, and no more", () => {
  const edges: [number[], string][] = [
    [[1000, 2000, 5000], "1 ms, 2 ms, 5 ms"],
    [[100, 125, 160], "100 µs, 125 µs, 160 µs"],
    [[990, 1000, 1010], "990 µs, 1 ms, 1.01 ms"],
    [[10_000, 10_020, 10_040], "10.00 ms, 10.02 ms, 10.04 ms"],
    [[100_000, 100_050, 200_000], "100.00 ms, 100.05 ms, 200 ms"],
    [[60_000_000, 60_100_000, 120_000_000], "60.0 s, 60.1 s, 2m 00s"],
    [[5, 5], "5 µs, 5 µs"],
    [[7], "7 µs"],
  ];
  for (const [values, text] of edges) {
    expect(formatEdges(values).join(", ")).toBe(text);
  }
});

test("formatTimes() tells two figures apart", () => {
  expect(formatTimes([10_021, 10_043])).toEqual(["10.02 ms", "10.04 ms"]);
  expect(formatTimes([2000, 3000])).toEqual(["2.00 ms", "3.00 ms"]);
  expect(formatTimes([80, 80.04, null, 1000])).toEqual([
    "80 µs",
    "80 µs",
    "–",
    "1.00 ms",
  ]);
  // Each with what it differs from, however many are the same.
  expect(formatTimes([10_050, 10_100, 10_100, 10_100])).toEqual([
    "10.05 ms",
    "10.10 ms",
    "10.10 ms",
    "10.10 ms",
  ]);
});

test("formatTimes() tells the seconds of days", () => {
  const values = Array.from(
    { length: 500_000 },
    (_, at) => 10_000 + (at & 1) * 50,
  );
  values.fill(10_000, 0, 400_000);
  expect(formatTimes(values).at(-1)).toBe("10.05 ms");
});

test("formatEdge() has no noughts that say nothing", () => {
  const times: [number, string][] = [
    [100, "100 µs"],
    [1000, "1 ms"],
    [1250, "1.25 ms"],
    [2500, "2.5 ms"],
    [10_000, "10 ms"],
    [100_000, "100 ms"],
    [2_000_000, "2 s"],
  ];
  for (const [us, text] of times) expect(formatEdge(us)).toBe(text);
});

test("formatShare() tells all from almost all, and none from almost none", () => {
  const shares: [number, string][] = [
    [0, "0 %"],
    [0.000_001, "<0.001 %"],
    [0.000_31, "0.031 %"],
    [0.0031, "0.31 %"],
    [0.412, "41.2 %"],
    [0.998, "99.8 %"],
    [0.9999, ">99.9 %"],
    [1, "100 %"],
    [1.05, "105.0 %"],
  ];
  for (const [share, text] of shares) expect(formatShare(share)).toBe(text);
});

test("formatChange() is signed, and a factor from twice on", () => {
  const changes: [number | null, string][] = [
    [0.049, "+4.9 %"],
    [-0.12, "−12 %"],
    [0.0001, "0 %"],
    [2.2, "×3.2"],
    [null, "–"],
  ];
  for (const [change, text] of changes) expect(formatChange(change)).toBe(text);
});

test("formatCount() and formatRate() group thousands", () => {
  expect(formatCount(1_012_345)).toBe("1,012,345");
  expect(formatRate(101_235.4)).toBe("101,235/s");
  expect(formatRate(0.5)).toBe("0.5/s");
  expect(formatRate(null)).toBe("–");
});
