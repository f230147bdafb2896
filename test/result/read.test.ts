import { describe, expect, test } from "bun:test";
import Ajv from "ajv/dist/2020";

import schema from "../../docs/result.schema.json" with { type: "json" };
import { PERCENTILE_KEYS } from "../../src/result/percentiles.ts";
import { merge } from "../../src/result/merge.ts";
import { readResults } from "../../src/result/read.ts";
import type { Result, SearchStep } from "../../src/result/result.ts";
import { resultOf, serviceTimes } from "../support/result.ts";
import { complaintsOf } from "../support/schema.ts";

const valid = new Ajv({ strict: true, allowUnionTypes: true }).compile(schema);

const result = resultOf(serviceTimes({ seconds: 2, messages: 50 }), {
  runs: [crypto.randomUUID()],
  errors: { ECONNRESET: 2 },
  faults: [{ connection: 3, offset: 77, kind: "swapped", text: "of 5" }],
  warnings: ["the generator was late"],
  goals: [{ goal: "p99<2ms", measured: null, met: false }],
  search: {
    rate: 900,
    steps: [
      {
        rate: 900,
        achieved: 899.6,
        p50: 80,
        p90: 99,
        p99: 140,
        p999: null,
        p9999: null,
        max: 200,
        met: true,
      },
    ],
  },
});

function changed(change: (result: Result) => void): unknown {
  const copy = structuredClone(result);
  change(copy);
  return copy;
}

const broken: [string, unknown][] = [
  [
    'kind: "check" is not "load"',
    changed((it) => Object.assign(it, { kind: "check" })),
  ],
  ["host: 1 is not an object", changed((it) => Object.assign(it, { host: 1 }))],
  ["[] is not an object", []],
  ["version: 2 is not 1", changed((it) => Object.assign(it, { version: 2 }))],
  [
    'verdict: "maybe" is not "pass" or "fail"',
    changed((it) => Object.assign(it, { verdict: "maybe" })),
  ],
  [
    'latency.p99: "1" is not a number or null',
    changed((it) => Object.assign(it.latency, { p99: "1" })),
  ],
  [
    "messages.sent: -1 is not 0 or more",
    changed((it) => Object.assign(it.messages, { sent: -1 })),
  ],
  [
    "messages.sent: 1.5 is not a whole number",
    changed((it) => Object.assign(it.messages, { sent: 1.5 })),
  ],
  [
    "errors.ECONNRESET: null is not a whole number",
    changed((it) => Object.assign(it.errors, { ECONNRESET: null })),
  ],
  [
    "series[1].p50 is missing",
    changed((it) => Reflect.deleteProperty(it.series[1]!, "p50")),
  ],
  [
    "search.steps[0].met: 1 is not true or false",
    changed((it) => Object.assign(it.search!.steps[0]!, { met: 1 })),
  ],
  [
    'started: "today" is not like',
    changed((it) => Object.assign(it, { started: "today" })),
  ],
  [
    'runs[0]: "one" is not like',
    changed((it) => Object.assign(it, { runs: ["one"] })),
  ],
  [
    "series[0].above.p99: -1 is not 0 or more",
    changed((it) => Object.assign(it.series[0]!.above!, { p99: -1 })),
  ],
  [
    'target: "" is not long',
    changed((it) => Object.assign(it, { target: "" })),
  ],
];

test("the schema is met by results, also merged and of nothing", () => {
  const nothing = resultOf([[]]);
  const parts = [
    { name: "a", result: nothing },
    { name: "b", result: nothing },
  ];
  for (const one of [result, nothing, merge(parts)]) {
    expect(valid(one), JSON.stringify(valid.errors)).toBe(true);
  }
});

test("the schema is met by results of older versions", () => {
  const keys = [
    "kind",
    "runs",
    "host",
    "label",
    "instances",
    "reasons",
  ] as const;
  const older = structuredClone(result);
  for (const key of keys) delete older[key];
  delete older.latency.unanswered;
  const step: Partial<SearchStep> = older.search!.steps[0]!;
  delete step.p9999;
  expect(valid(older), JSON.stringify(valid.errors)).toBe(true);
  // What it does not tell of a step is not known.
  expect(readResults(JSON.stringify(older), "a")).toEqual([
    { name: "a", result: { ...older, search: result.search } },
  ]);
});

test("the schema lets keys through that a later version may have", () => {
  for (const of of ["latency", "options", "rate"] as const) {
    const later = changed((it) => Object.assign(it[of], { more: 1 }));
    expect(valid(later), JSON.stringify(valid.errors)).toBe(true);
  }
  expect(valid({ ...result, more: 1 })).toBe(true);
});

test("the schema knows all keys of a result", () => {
  expect(complaintsOf(result)).toEqual([]);
  expect(complaintsOf({ ...result, more: 1 })).toEqual([
    " must NOT have additional properties",
  ]);
  const inside = changed((it) => Object.assign(it.series[0]!, { p75: 1 }));
  expect(complaintsOf(inside)).toEqual([
    "/series/0 must NOT have additional properties",
  ]);
});

test("the schema knows the percentiles that a result tells, and no others", () => {
  const { times, above, step } = schema.$defs;
  for (const { properties } of [times, above, step]) {
    const keys = Object.keys(properties).filter((key) => /^p\d/.test(key));
    expect(keys).toEqual(PERCENTILE_KEYS);
  }
});

describe("readResults()", () => {
  const text = JSON.stringify(result);
  const reading = (of: string) => () => readResults(of, "a.json");

  test("reads a result, on one line or on many", () => {
    const read = [{ name: "a.json", result }];
    expect(readResults(text, "a.json")).toEqual(read);
    const indented = `${JSON.stringify(result, null, 2)}\n`;
    expect(readResults(indented, "a.json")).toEqual(read);
  });

  test("reads several, one after the other", () => {
    const two = `${JSON.stringify(result, null, 2)}\n${text}\n`;
    expect(readResults(two, "-").map(({ name }) => name)).toEqual([
      "- #1",
      "- #2",
    ]);
  });

  test("reads them among what load says to people, as in a container's log", () => {
    const lines = JSON.stringify(result, null, 2).split("\n");
    const fail = "FAIL  2 errors: 2 × ECONNRESET (the peer reset it)";
    for (const at of [0, 7, lines.length]) {
      const log = lines.toSpliced(at, 0, fail, "sounder: it was late");
      const two = `${log.join("\n")}\n${text}\n${fail}`;
      expect(readResults(two, "-").map((one) => one.result)).toEqual([
        result,
        result,
      ]);
    }
    expect(reading(`${text}\n${fail}\nhello`)).toThrow("JSON Parse error");
    expect(reading(fail)).toThrow("it is empty");
    // Not what only has it in a text.
    const told = { ...result, warnings: ["\nFAIL  it", "sounder: it"] };
    expect(readResults(JSON.stringify(told, null, 0), "-")).toEqual([
      { name: "-", result: told },
    ]);
  });

  test("lets keys through that a later version may have written", () => {
    const later = changed((it) => Object.assign(it, { more: 1 }));
    expect(readResults(JSON.stringify(later), "a.json")).toHaveLength(1);
  });

  test("counts what older versions left out of their percentiles", () => {
    const times = serviceTimes({ seconds: 2, messages: 500 });
    const old = structuredClone(resultOf(times));
    delete old.latency.unanswered;
    for (const second of old.series) delete second.unanswered;
    const whole = readResults(JSON.stringify(old), "a")[0]!.result;
    // Nothing was lost: nothing is to be changed.
    expect(whole).toEqual(old);

    old.messages = { sent: 1050, received: 1000, unanswered: 50 };
    old.series[1]!.errors = 3;
    const { latency, service, series } = readResults(
      JSON.stringify(old),
      "a",
    )[0]!.result;
    expect(latency).toMatchObject({ unanswered: 50, p99: null, max: null });
    expect(latency.p50).toBeGreaterThan(old.latency.p50!);
    expect(service).toEqual(latency);
    expect(series[0]!.p99).toBe(old.series[0]!.p99);
    expect(series[1]).toMatchObject({ p50: null, p99: null });
    expect(series.some((second) => "above" in second)).toBe(false);
  });

  test.each(broken)("refuses what the schema refuses: %s", (why, value) => {
    expect(valid(value)).toBe(false);
    expect(reading(JSON.stringify(value))).toThrow(
      `a.json is not a result of load: ${why}`,
    );
  });

  test("refuses what is not JSON", () => {
    expect(reading("")).toThrow("it is empty");
    expect(reading("hello")).toThrow("JSON Parse error");
    expect(reading(text.slice(0, -9))).toThrow("JSON Parse error");
    expect(reading(`${text}\nhello`)).toThrow("JSON Parse error");
  });

  test("refuses histograms that are broken or of other samples", () => {
    const { latency } = result;
    const cut = changed((it) => {
      it.latency = { ...latency, histogram: latency.histogram.slice(0, 40) };
    });
    const other = changed((it) => {
      it.pacing = { ...it.pacing, histogram: latency.histogram };
    });
    expect(reading(JSON.stringify(cut))).toThrow(
      "latency.histogram can't be decoded",
    );
    expect(reading(JSON.stringify(other))).toThrow(
      "pacing counts 0 samples, and its histogram 100",
    );
  });
});
