import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";

import { formatBytes } from "../../../src/units.ts";
import { pageScript } from "../../support/page-script.ts";

const { age, bytes, count, delay, rate } = await pageScript("format");

describe("format", () => {
  test("bytes() reads as formatBytes() does", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e15, noNaN: true }), (value) => {
        expect(bytes(value)).toBe(formatBytes(value));
      }),
      { seed: 1, numRuns: 1000 },
    );
  });

  test.each([
    [-1, "0 s"],
    [999, "0 s"],
    [59_999, "59 s"],
    [60_000, "1m 00s"],
    [3_599_999, "59m 59s"],
    [3_600_000, "1h 00m"],
    [86_399_999, "23h 59m"],
    [86_400_000, "1d 00h"],
    [9_000_000_000, "104d 04h"],
  ])("age() tells %d ms as %s", (ms, text) => {
    expect(age(ms)).toBe(text);
  });

  test("rate(), count() and delay() tell a figure with its unit", () => {
    expect(rate(null)).toBe("–");
    expect(rate(1_050_000)).toBe("1.05 MB/s");
    expect(count(10_000)).toBe("10,000");
    expect(delay(0.00031)).toBe("0.31 ms");
    expect(delay(1.2)).toBe("1.20 s");
  });
});
