import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";

import {
  exactDuration,
  exactSize,
  formatBytes,
  formatDuration,
  parseCount,
  parseDuration,
  parseRate,
  parseSize,
  plural,
} from "../src/units.ts";

describe("parseSize()", () => {
  test.each([
    ["64", 64],
    ["0", 0],
    ["64B", 64],
    ["16KiB", 16_384],
    ["4MB", 4_000_000],
    ["1kB", 1000],
    ["1KB", 1000],
    ["1.5MiB", 1_572_864],
    ["1.1MB", 1_100_000],
    ["2GB", 2e9],
    ["1GiB", 2 ** 30],
  ])("parseSize() reads %s", (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  test.each(
    [
      ["", "-1", "+1", "1e3", " 1", "1 ", "1 MB", "MB", ".5MB", "5.MB"],
      ["1mb", "1Kib", "1TB", "1,5MB", "0x10", "1.5", "0.1B", "NaN", "Infinity"],
      ["9007199254740992", "9007199254741GB", "1constructor", "1toString"],
    ].flat(),
  )("parseSize() rejects %p", (text) => {
    expect(() => parseSize(text)).toThrow(
      new RangeError(`"${text}" is not a size, such as 64, 16KiB or 4MB`),
    );
  });

  test("parseSize() takes back every whole number in every unit", () => {
    const units: [string, number][] = [
      ["", 1],
      ["B", 1],
      ["kB", 1e3],
      ["MB", 1e6],
      ["GB", 1e9],
      ["KiB", 2 ** 10],
      ["MiB", 2 ** 20],
      ["GiB", 2 ** 30],
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...units),
        fc.nat({ max: 8_000_000 }),
        ([unit, scale], amount) => {
          expect(parseSize(`${amount}${unit}`)).toBe(amount * scale);
        },
      ),
      { seed: 1 },
    );
  });

  test("parseSize() takes every decimal that makes whole bytes", () => {
    fc.assert(
      fc.property(fc.nat({ max: 999_999_999 }), (bytes) => {
        const text = `${Math.floor(bytes / 1e6)}.${String(bytes % 1e6).padStart(6, "0")}MB`;
        expect(parseSize(text)).toBe(bytes);
      }),
      { seed: 2 },
    );
  });
});

describe("parseCount()", () => {
  test.each([
    ["0", 0],
    ["1000", 1000],
    ["10k", 10_000],
    ["10K", 10_000],
    ["2M", 2_000_000],
    ["1.5k", 1500],
  ])("parseCount() reads %s", (text, count) => {
    expect(parseCount(text)).toBe(count);
  });

  test.each(["", "-1", "1.5", "1kB", "1m", "k", "0.0001k"])(
    "parseCount() rejects %p",
    (text) => {
      expect(() => parseCount(text)).toThrow(
        new RangeError(`"${text}" is not a count, such as 1000, 10k or 2M`),
      );
    },
  );
});

describe("parseRate()", () => {
  test.each([
    ["0.5", 0.5],
    ["0.001", 0.001],
    ["1", 1],
    ["33.3", 33.3],
    ["0.5k", 500],
    ["20k", 20_000],
    ["2M", 2_000_000],
  ])("parseRate() reads %s", (text, rate) => {
    expect(parseRate(text)).toBe(rate);
  });

  test.each(["", "-1", ".5", "1/s", "1e3", "k", "NaN", "9007199254740992"])(
    "parseRate() rejects %p",
    (text) => {
      expect(() => parseRate(text)).toThrow(
        new RangeError(`"${text}" is not a rate, such as 0.5, 100 or 20k`),
      );
    },
  );

  test.each(["0", "0.0009"])(
    "parseRate() rejects %s, which is none",
    (text) => {
      expect(() => parseRate(text)).toThrow(
        new RangeError(`"${text}" is less than 0.001 a second`),
      );
    },
  );
});

describe("parseDuration()", () => {
  test.each([
    ["500ms", 500],
    ["10s", 10_000],
    ["2m", 120_000],
    ["1h", 3_600_000],
    ["0s", 0],
    ["0.5s", 500],
    ["1.5ms", 1.5],
    ["596h", 2_145_600_000],
    ["1h30m", 5_400_000],
    ["2m05s", 125_000],
    ["1h2m3s4ms", 3_723_004],
    ["1.5h10ms", 5_400_010],
  ])("parseDuration() reads %s", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each(
    [
      ["", "10", "s", "-1s", "1 s", "1S", "1d", "1e3s", "1min"],
      ["30m1h", "1h1h", "1h30", "1h 30m", "1h-30m", "1ms1s", "1h.5m", "1.h"],
    ].flat(),
  )("parseDuration() rejects %p", (text) => {
    expect(() => parseDuration(text)).toThrow(
      `"${text}" is not a duration, such as 500ms, 10s or 1h30m`,
    );
  });

  test("parseDuration() rejects what a timer would take for 1 ms", () => {
    for (const text of ["597h", "596h59m", "2147484s", `${"9".repeat(400)}s`]) {
      expect(() => parseDuration(text)).toThrow(
        new RangeError(`"${text}" is longer than 596h`),
      );
    }
  });
});

describe("formatBytes()", () => {
  test.each([
    [0, "0 B"],
    [532, "532 B"],
    [999, "999 B"],
    [999.7, "1.00 kB"],
    [1000, "1.00 kB"],
    [1_049_000, "1.05 MB"],
    [12_345_678, "12.3 MB"],
    [999_499, "999 kB"],
    [999_500, "1.00 MB"],
    [123e9, "123 GB"],
    [1.5e12, "1.50 TB"],
    [4e15, "4000 TB"],
  ])("formatBytes() prints %d as %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  test("formatBytes() is right to half of the third digit", () => {
    fc.assert(
      fc.property(fc.nat({ max: Number.MAX_SAFE_INTEGER }), (bytes) => {
        const [digits, unit] = formatBytes(bytes).split(" ");
        const scale = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 }[unit!]!;
        expect(Math.abs(Number(digits) * scale - bytes)).toBeLessThanOrEqual(
          bytes * 0.005 + 1e-6,
        );
        if (unit !== "TB") expect(digits!.length).toBeLessThanOrEqual(4);
      }),
      { seed: 3 },
    );
  });
});

describe("formatDuration()", () => {
  test.each([
    [0, "0.00 ms"],
    [0.312, "0.31 ms"],
    [9.996, "10.0 ms"],
    [31.25, "31.3 ms"],
    [999.4, "999 ms"],
    [999.6, "1.00 s"],
    [12_400, "12.4 s"],
    [59_949, "59.9 s"],
    [59_950, "1m 00s"],
    [125_000, "2m 05s"],
    [3_599_600, "1h 00m"],
    [11_220_000, "3h 07m"],
    [360_000_000, "100h 00m"],
  ])("formatDuration() prints %d as %s", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});

test("plural() makes one of one, and many of none", () => {
  expect(plural(1, "byte")).toBe("1 byte");
  expect(plural(0, "byte")).toBe("0 bytes");
  expect(plural(1_000_000, "byte")).toBe("1,000,000 bytes");
});

test("exactDuration() and exactSize() write what is read as the same", () => {
  expect([0, 250, 10_000].map(exactDuration)).toEqual(["0s", "250ms", "10s"]);
  expect([0, 64, 1500, 2 ** 14, 2 ** 28].map(exactSize)).toEqual([
    "0",
    "64",
    "1500",
    "16KiB",
    "256MiB",
  ]);
  fc.assert(
    fc.property(fc.nat(), (value) => {
      expect(parseDuration(exactDuration(value))).toBe(value);
      expect(parseSize(exactSize(value))).toBe(value);
    }),
  );
});
