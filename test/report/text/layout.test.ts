import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";

import {
  bar,
  columns,
  paintOf,
  sparkline,
  wrap,
} from "../../../src/report/text/layout.ts";

test("bar() shows anything above nothing, and never more than its width", () => {
  expect(bar(0, 10)).toBe("");
  expect(bar(0.0001, 10)).toBe("▏");
  expect(bar(0.5, 10)).toBe("█████");
  expect(bar(0.55, 10)).toBe("█████▌");
  expect(bar(7, 3)).toBe("███");
});

test("sparkline() starts at 0, and leaves unknown blank", () => {
  expect(sparkline([0, 1, 4, null, 8])).toBe("▁▁▄ █");
  expect(sparkline([0, 0])).toBe("▁▁");
  expect(sparkline([4, Infinity, 8])).toBe("▄×█");
  expect(sparkline([Infinity])).toBe("×");
});

test("columns() aligns, by how wide characters are", () => {
  expect(
    columns(
      [
        ["a", "1"],
        ["µé", "12"],
      ],
      "lr",
    ),
  ).toEqual(["a    1", "µé  12"]);
  expect(
    columns(
      [
        ["漢", "x"],
        ["ab", "y"],
      ],
      "lr",
    ),
  ).toEqual(["漢  x", "ab  y"]);
});

test("columns() wraps words of the last, under it", () => {
  expect(
    columns(
      [
        ["a", "some words that are long"],
        ["b", "x"],
      ],
      "ll",
      17,
    ),
  ).toEqual(["a  some words", "   that are long", "b  x"]);
});

describe("wrap()", () => {
  test("keeps words, order and width", () => {
    const words = fc.array(fc.stringMatching(/^[a-z]{1,12}$/), {
      minLength: 1,
      maxLength: 30,
    });
    fc.assert(
      fc.property(words, fc.integer({ min: 12, max: 40 }), (some, width) => {
        const lines = wrap(some.join(" "), width);
        expect(lines.join(" ")).toBe(some.join(" "));
        for (const line of lines)
          expect(line.length).toBeLessThanOrEqual(width);
      }),
      { seed: 1 },
    );
  });

  test("hangs all but the first line", () => {
    expect(wrap("one two three", 9, 2)).toEqual(["one two", "  three"]);
  });

  test("does not break at a no-break space", () => {
    expect(wrap("10 ms and 12\u00a0ms", 12)).toEqual(["10 ms and", "12 ms"]);
  });
});

test("paintOf() leaves text plain unless colour is asked for", () => {
  expect(paintOf(false)("red", "x")).toBe("x");
  expect(paintOf(true)("red", "x")).toBe("\u001b[31mx\u001b[39m");
  expect(paintOf(true)("red", "")).toBe("");
});
