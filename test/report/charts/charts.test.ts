import { describe, expect, test } from "bun:test";

import type { Chart } from "../../../src/report/charts/chart.ts";
import {
  latencyChart,
  throughputChart,
} from "../../../src/report/charts/over-time.ts";
import { searchChart } from "../../../src/report/charts/search.ts";
import { spectrumChart } from "../../../src/report/charts/spectrum.ts";
import type { Result } from "../../../src/result/result.ts";
import { failing, openLoop, searching } from "../../support/results.ts";
import { resultOf, serviceTimes } from "../../support/result.ts";

function alone(result: Result) {
  return [{ name: "it", result }];
}

function labels({ lines }: Chart): string[] {
  return lines.map(({ label }) => label);
}

const two = [1, 2].map((seed) => ({
  name: `${seed}.json`,
  result: resultOf(serviceTimes({ seed, seconds: seed + 2, messages: 200 })),
}));

function spectrumOf(results: readonly Result[]): Chart {
  return spectrumChart(
    results.map(({ latency }) => ({
      label: "latency",
      histogram: latency.histogram,
    })),
  )!;
}

const GOALS = [
  { goal: "p99<2ms", below: 2000, measured: 803_000, met: false },
  { goal: "p99.9 <= 3s", below: 3_000_000, measured: 984_000, met: true },
  { goal: "max<5s", below: 5_000_000, measured: null, met: false },
  { goal: "mean<1ms", below: 1000, measured: null, met: false },
  { goal: "errors<1%", below: 0.01, measured: 0.001, met: true },
  // An older version's has no limit.
  { goal: "p50<1ms", measured: 81, met: true },
];

describe("every chart", () => {
  const charts = [
    throughputChart(alone(failing))!,
    latencyChart(alone(failing), GOALS)!,
    spectrumChart([{ label: "latency", ...failing.latency }], GOALS)!,
    spectrumOf([failing]),
    searchChart(alone(searching))!,
    throughputChart(two)!,
    latencyChart(two)!,
    spectrumOf(two.map(({ result }) => result)),
  ];

  test.each(charts)("says how each of its points reads: $title", (chart) => {
    expect(chart.x.texts).toHaveLength(chart.x.values.length);
    for (const { values, texts } of chart.lines) {
      expect(values).toHaveLength(chart.x.values.length);
      expect(texts).toHaveLength(chart.x.values.length);
    }
  });

  test.each(charts)("has room for all of its points: $title", (chart) => {
    const { x, y, lines } = chart;
    for (const { values } of lines) {
      for (const value of values) {
        if (value === null) continue;
        expect(value).toBeGreaterThanOrEqual(y.min);
        expect(value).toBeLessThanOrEqual(y.max);
      }
    }
    expect(x.values[0]).toBeGreaterThanOrEqual(x.min);
    expect(x.values.at(-1)).toBeLessThanOrEqual(x.max);
  });

  test.each(charts)("has some labelled ticks: $title", ({ x, y }) => {
    for (const axis of [x, y]) {
      expect(axis.labels).toHaveLength(axis.ticks.length);
      expect(axis.ticks.length).toBeGreaterThan(1);
      expect(axis.ticks.length).toBeLessThan(12);
      expect(new Set(axis.labels).size).toBe(axis.labels.length);
    }
  });
});

describe("throughputChart()", () => {
  test("has what was planned beside what was achieved", () => {
    const chart = throughputChart(alone(openLoop))!;
    expect(labels(chart)).toEqual(["achieved", "planned"]);
    expect(chart.lines[1]!.texts[0]).toBe("4,000/s");
  });

  test("marks the seconds that had errors", () => {
    const [, , errors] = throughputChart(alone(failing))!.lines;
    expect(errors!.label).toBe("errors");
    // On the line, where it is seen.
    expect(errors!.values[4]).toBe(failing.series[4]!.messages);
    expect(errors!.texts[4]).toBe("15");
    expect(errors!.values.filter((value) => value !== null)).toHaveLength(1);
  });

  test("of several runs marks the errors of each, on its line", () => {
    const chart = throughputChart([
      { name: "a", result: openLoop },
      { name: "b", result: failing },
    ])!;
    expect(labels(chart)).toEqual(["a", "b", "b errors"]);
    expect(chart.lines[2]!.values[4]).toBe(failing.series[4]!.messages);
  });

  test("of several runs has a line for each, as long as it lasted", () => {
    const chart = throughputChart(two)!;
    expect(labels(chart)).toEqual(["1.json", "2.json"]);
    expect(chart.lines[0]!.values).toEqual([200, 200, 200, null]);
  });
});

test("charts over time want more than one second", () => {
  const series = openLoop.series.slice(0, 1);
  const short = alone({ ...openLoop, series });
  expect(throughputChart(short)).toBeNull();
  expect(latencyChart(short)).toBeNull();
});

describe("latencyChart()", () => {
  test("is logarithmic where a linear one would hide the most of it", () => {
    const stalled = latencyChart(alone(openLoop))!;
    expect(stalled.y.log).toBe(true);
    expect(stalled.y.labels).toEqual([
      "100 µs",
      "1 ms",
      "10 ms",
      "100 ms",
      "1 s",
    ]);
    expect(stalled.about).toContain("logarithmic");
    expect(latencyChart(two)!.y).toMatchObject({ log: false, min: 0 });
  });

  test("is left out where seconds have no percentiles", () => {
    const series = openLoop.series.map((second) => ({
      ...second,
      p50: null,
      p99: null,
    }));
    expect(latencyChart(alone({ ...openLoop, series }))).toBeNull();
  });
});

describe("spectrumChart()", () => {
  test("tells percentiles apart that are near each other", () => {
    const times = Array.from({ length: 1000 }, (_, at) => 10_000 + at / 10);
    const { lines } = spectrumOf([resultOf([times])]);
    const texts = lines[0]!.texts.filter((text) => text !== "–");
    expect(texts.slice(0, 1)).toEqual(["10.01 ms"]);
    expect(new Set(texts).size).toBeGreaterThan(8);
  });

  test("goes through the result's percentiles, to its maximum", () => {
    const { latency } = openLoop;
    const chart = spectrumOf([openLoop]);
    const [line] = chart.lines;
    const at = (text: string) => line!.values[chart.x.texts.indexOf(text)];
    expect(at("p90")).toBe(latency.p90);
    expect(at("p99")).toBe(latency.p99);
    expect(at("p99.9")).toBe(latency.p999);
    expect(line!.values.at(-1)).toBe(latency.max);
  });

  test("ends a line where its samples end", () => {
    const small = resultOf([[1, 2, 3, 4, 5]]);
    const [line] = spectrumOf([small, openLoop]).lines;
    expect(line!.values.findLast((value) => value !== null)).toBe(5);
    expect(line!.values.at(-1)).toBeNull();
  });

  test("of nothing is left out", () => {
    const nothing = { label: "x", histogram: resultOf([[]]).latency.histogram };
    expect(spectrumChart([nothing])).toBeNull();
  });
});

describe("searchChart()", () => {
  test("marks where goals were missed", () => {
    const chart = searchChart(alone(searching))!;
    expect(labels(chart)).toEqual(["p50", "p99", "goals missed"]);
    expect(chart.x.values).toEqual([1000, 2000, 4000]);
    expect(chart.lines[2]!.values).toEqual([null, null, 80_000]);
  });

  test("marks at the top a step that missed, and has no p99", () => {
    const [first, , missed] = searching.search!.steps;
    const steps = [first!, { ...missed!, p50: null, p99: null }];
    const chart = searchChart(
      alone({ ...searching, search: { rate: 1000, steps } }),
    )!;
    const marks = chart.lines.find(({ label }) => label === "goals missed")!;
    expect(marks.values).toEqual([null, chart.y.max * 0.98]);
    expect(marks.texts).toEqual(["–", "–"]);
  });

  test("of several searches marks what each missed, and lists no empty line", () => {
    const steps = searching.search!.steps.map((one) => ({ ...one, p99: null }));
    const other = { ...searching, search: { rate: 2000, steps } };
    const chart = searchChart([
      { name: "a", result: searching },
      { name: "b", result: other },
    ])!;
    expect(labels(chart)).toEqual([
      "a p99",
      "a: goals missed",
      "b: goals missed",
    ]);
  });

  test("of several searches has all their rates", () => {
    const [, ...steps] = searching.search!.steps;
    const other = {
      ...searching,
      search: { rate: 2000, steps: [{ ...steps[0]!, rate: 3000 }, steps[1]!] },
    };
    const chart = searchChart([...alone(searching), ...alone(other)])!;
    expect(chart.x.values).toEqual([1000, 2000, 3000, 4000]);
    expect(chart.lines[1]!.values).toEqual([null, null, 160, 80_000]);
  });

  test("without a search is left out", () => {
    expect(searchChart(alone(openLoop))).toBeNull();
  });
});

describe("goals are lines", () => {
  const levels = (chart: Chart) =>
    chart.lines
      .filter(({ label }) => label.startsWith("goal "))
      .map(({ label, style, values }) => ({ label, style, values }));

  test("over time, where their percentile is shown", () => {
    const chart = latencyChart(alone(failing), GOALS)!;
    const values = Array(chart.x.values.length).fill(2000);
    expect(levels(chart)).toEqual([
      { label: "goal p99<2ms", style: "dashed", values },
    ]);
    expect(levels(latencyChart(two, GOALS)!)).toHaveLength(1);
    expect(levels(latencyChart(alone(failing))!)).toEqual([]);
  });

  test("in the spectrum, up to their percentile", () => {
    const chart = spectrumChart(
      [{ label: "latency", ...failing.latency }],
      GOALS,
    )!;
    const lines = levels(chart);
    expect(lines.map(({ label }) => label)).toEqual([
      "goal p99<2ms",
      "goal p99.9 <= 3s",
      "goal max<5s",
    ]);
    const ends = lines.map(({ values }) => {
      const last = values.findLastIndex((value) => value !== null);
      expect(values.slice(0, last).every((value) => value !== null)).toBe(true);
      return chart.x.values[last]!;
    });
    expect(ends[0]).toBeCloseTo(100, 6);
    expect(ends[1]).toBeCloseTo(1000, 6);
    expect(ends[2]).toBe(chart.x.values.at(-1)!);
  });

  test("of different colours", () => {
    const { lines } = spectrumChart(
      [{ label: "it", ...failing.latency }],
      GOALS,
    )!;
    const colours = lines.map(({ colour }) => colour);
    expect(new Set(colours).size).toBe(colours.length);
  });

  test("by rate, beside the percentiles they are for", () => {
    const [goal] = searching.goals;
    const result = { ...searching, goals: [{ ...goal!, below: 1000 }] };
    expect(levels(searchChart(alone(result))!)).toMatchObject([
      { label: "goal p99<1ms", values: [1000, 1000, 1000] },
    ]);
  });
});

describe("messages without an answer", () => {
  const lossy = resultOf([
    [1, 2],
    [5, Infinity],
    [9, 9],
  ]);
  const series = lossy.series.map((second, index) => ({
    ...second,
    p99: index === 1 ? null : second.p50,
  }));
  const chart = latencyChart(alone({ ...lossy, series }))!;

  test("are marked near the top, and no line bridges them", () => {
    const marks = chart.lines.find(({ label }) => label === "no answer")!;
    expect(marks.style).toBe("points");
    expect(marks.texts[1]).toBe("1");
    const [before, there, after] = marks.values;
    expect([before, after]).toEqual([null, null]);
    expect(there!).toBeGreaterThan(chart.y.max * 0.8);
    expect(there!).toBeLessThan(chart.y.max);
    expect(chart.bridged).toBe(false);
  });

  test("are not marked where only samples are too few", () => {
    const few = resultOf([
      [1, 2],
      [3, 4],
    ]);
    expect(few.series[0]!.p99).toBeNull();
    expect(labels(latencyChart(alone(few))!)).not.toContain("no answer");
  });

  test("are marked where several runs are shown, in the seconds of any", () => {
    const run = { ...lossy, series };
    const both = latencyChart([
      { name: "a", result: run },
      { name: "b", result: { ...run, series: series.slice(0, 2) } },
    ])!;
    const marks = both.lines.find(({ label }) => label === "no answer")!;
    expect(marks.values.map((value) => value !== null)).toEqual([
      false,
      true,
      false,
    ]);
    expect(marks.texts[1]).toBe("2");
  });

  test("are marked even where no second has a p99", () => {
    const all = series.map((second) => ({
      ...series[1]!,
      second: second.second,
    }));
    const runs = ["a", "b"].map((name) => ({
      name,
      result: { ...lossy, series: all },
    }));
    const { lines, y } = latencyChart(runs)!;
    expect(lines.at(-1)!.values).toEqual(Array(3).fill(y.max * 0.98));
    expect(y.labels).toEqual([]);
  });

  test("end the spectrum", () => {
    const { about, lines } = spectrumChart([
      { label: "latency", ...lossy.latency },
    ])!;
    expect(lines[0]!.values.at(-1)).toBeNull();
    expect(about).toContain("ends where messages without an answer begin");
  });

  test("alone make no spectrum", () => {
    const { latency } = resultOf([[Infinity, Infinity]]);
    expect(spectrumChart([{ label: "latency", ...latency }])).toBeNull();
  });
});
