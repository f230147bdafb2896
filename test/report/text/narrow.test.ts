/** At no width from 20 on is a line wider than what it is for. */
import { describe, expect, test } from "bun:test";

import { comparisonPage } from "../../../src/report/text/comparison.ts";
import { type LiveState, liveView } from "../../../src/report/text/live.ts";
import { page } from "../../../src/report/text/page.ts";
import { compare } from "../../../src/result/compare.ts";
import type { Result } from "../../../src/result/result.ts";
import { failing, openLoop, searching } from "../../support/results.ts";
import { resultOf, serviceTimes } from "../../support/result.ts";

const WIDTHS = Array.from({ length: 101 }, (_, index) => 20 + index);

function expectToFit(text: string, width: number): void {
  const wide = text.split("\n").filter((line) => Bun.stringWidth(line) > width);
  expect({ width, wide }).toEqual({ width, wide: [] });
}

const long: Result = {
  ...failing,
  target: `tls://${"a-rather-long-name.".repeat(4)}example.com:21567`,
  warnings: ["a word that is as long as a line: ".concat("x".repeat(120))],
};

const results: Record<string, Result> = {
  "a closed loop": resultOf(serviceTimes()),
  "an open loop": openLoop,
  "a failure": failing,
  "a search": searching,
  "long words": long,
  "no answers": resultOf([[Infinity, Infinity]]),
};

describe.each(Object.entries(results))("page() of %s", (_, result) => {
  test("fits", () => {
    for (const width of WIDTHS) {
      const named = ["one", "a/rather/long/name/of/a/file"].map((name) => ({
        name: `${name}.json`,
        result,
      }));
      for (const parts of [[], named]) {
        expectToFit(page(result, { width, colour: false, parts }), width);
        // What gives colour takes no room.
        expectToFit(page(result, { width, colour: true, parts }), width);
      }
    }
  });

  test("says at 20 columns what it says at 100", () => {
    const words = (width: number) =>
      page(result, { width, colour: false }).match(/[\w,.%]+/g)!;
    const narrow = new Set(words(20));
    const told = [result.messages.received, result.messages.sent];
    for (const count of told) {
      expect(narrow).toContain(count.toLocaleString("en-US"));
    }
    const verdict = result.verdict === "pass" ? "PASS" : "FAIL";
    expect(narrow).toContain(verdict);
  });
});

test("comparisonPage() fits", () => {
  const runs = Object.entries(results).map(([name, result]) => ({
    name: `${name.replaceAll(" ", "-")}.json`,
    result,
  }));
  for (const width of WIDTHS) {
    for (const colour of [false, true]) {
      const comparison = compare(runs[0]!, runs.slice(1, 4));
      expectToFit(comparisonPage(comparison, { width, colour }), width);
    }
  }
});

test("a narrow table has its cells one beneath the other", () => {
  const text = page(openLoop, { width: 24, colour: false });
  expect(text).toContain(
    "\n  p50\n    latency  81 µs\n    service  80 µs\n    pacing  11 µs\n",
  );
  expect(text).toContain("\n  connections\n    64 opened of 64\n");
});

test("liveView() fits", () => {
  const state: LiveState = {
    target: "127.0.0.1:21567  trying 15,200/s",
    phase: "measuring",
    done: 0.5,
    left: 12_300,
    size: 64,
    last: { messages: 123_456, p50: 12.3, p99: 1234, max: 98_765 },
    history: Array.from({ length: 60 }, (_, index) => index),
    errors: 12_345,
    goals: failing.goals,
    tried: searching.search!.steps,
  };
  const figures = (columns: number) =>
    new Set(
      liveView(state, { columns, colour: false })
        .replace(/ +up to .*/, "")
        .match(/[\d.,]+ ?(?:[\w%µ]+(?:\/s)?|\/s)/g),
    );
  for (const columns of WIDTHS) {
    // A figure that is cut is another figure.
    const missing = figures(120).difference(figures(columns));
    expect({ columns, missing: [...missing] }).toEqual({
      columns,
      missing: [],
    });
    for (const colour of [false, true]) {
      // At the last column a terminal would begin a line of its own.
      expectToFit(liveView(state, { columns, colour }), columns - 1);
    }
  }
});
