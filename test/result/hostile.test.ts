import { describe, expect, test } from "bun:test";
import { deflateSync } from "node:zlib";
import * as fc from "fast-check";

import { comparisonJson } from "../../src/report/changes.ts";
import { comparisonPage } from "../../src/report/text/comparison.ts";
import { htmlComparison } from "../../src/report/html/comparison.ts";
import { htmlReport } from "../../src/report/html/page.ts";
import { page } from "../../src/report/text/page.ts";
import { columns } from "../../src/report/text/layout.ts";
import { compare } from "../../src/result/compare.ts";
import { merge, attributed } from "../../src/result/merge.ts";
import { readResults } from "../../src/result/read.ts";
import type { Result } from "../../src/result/result.ts";
import { SounderError } from "../../src/errors/errors.ts";
import { run, sounder } from "../support/cli.ts";
import { temporaryFolder } from "../support/folder.ts";
import { failing, searching } from "../support/results.ts";

const SCREEN = { width: 80, colour: true };

/** All that `report` makes of a text, beside a sound result. */
function showAll(text: string): void {
  const read = readResults(text, "a.json");
  const sound = { name: "b.json", result: failing };
  for (const one of read) {
    page(one.result, SCREEN);
    htmlReport(one.result);
    JSON.stringify(one.result, null, 2);
    for (const comparison of [compare(sound, [one]), compare(one, [sound])]) {
      comparisonPage(comparison, SCREEN);
      htmlComparison(comparison);
      JSON.stringify(comparisonJson(comparison));
    }
    const parts = [sound, one].map(attributed);
    const merged = merge(parts);
    page(merged, { ...SCREEN, parts });
    htmlReport(merged, parts);
    // What is written can be read again.
    expect(readResults(JSON.stringify(merged), "all")).toHaveLength(1);
  }
}

/** Shows it, or refuses it in words: nothing else may come of a file. */
function survives(text: string): void {
  try {
    showAll(text);
  } catch (error) {
    if (!(error instanceof SounderError)) throw error;
  }
}

type Path = (string | number)[];

/** Where something is in a value, itself included. */
function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [path];
  return [
    path,
    ...Object.entries(value).flatMap(([key, inside]) =>
      pathsOf(inside, [...path, key]),
    ),
  ];
}

/** A result as JSON in which something has another text in its place. */
function withText(result: Result, path: Path, json: string): string {
  const copy = structuredClone(result);
  const last = path.at(-1)!;
  let place = copy as unknown as Record<string, unknown>;
  for (const key of path.slice(0, -1)) {
    place = place[key] as Record<string, unknown>;
  }
  place[last] = "in its place";
  return JSON.stringify(copy).replace('"in its place"', () => json);
}

const strange = [
  "null",
  "true",
  "0",
  "-0",
  "-1",
  "0.5",
  "5e-324",
  "1e-300",
  "1e300",
  "1e999",
  "9007199254740991",
  "9007199254740990.5",
  "50000000",
  '""',
  '"__proto__"',
  '"constructor"',
  '"\\u001b[2J\\ud800"',
  '"2026-99-99T99:99:99Z"',
  "[]",
  "[[]]",
  "{}",
  '{"__proto__": 1, "constructor": 2, "toString": 3, "hasOwnProperty": 4}',
  '{"__proto__": {"toString": null}}',
];

const small: Result = {
  ...failing,
  series: failing.series.slice(0, 2),
  search: searching.search,
};
const paths = pathsOf(small).filter((path) => path.length > 0);

describe("a file of results may be anyone's:", () => {
  test("nothing strange in it ends report", () => {
    const sites = paths.flatMap((path) =>
      strange.map((json) => ({ path, json })),
    );
    fc.assert(
      fc.property(fc.constantFrom(...sites), ({ path, json }) => {
        survives(withText(small, path, json));
      }),
      { seed: 1, numRuns: 300, verbose: 1 },
    );
  }, 120_000);

  test("nor do numbers at the ends of what there are", () => {
    const step = searching.search!.steps[0]!;
    const second = failing.series[0]!;
    const numbers = [0, 5e-324, 1e-300, 1, Number.MAX_SAFE_INTEGER];
    for (const one of numbers) {
      for (const other of numbers) {
        const result: Result = {
          ...failing,
          seconds: one,
          rate: { planned: other, messages: one, bytes: other },
          search: {
            rate: one,
            steps: [one, other].map((rate) => ({ ...step, rate, p99: other })),
          },
          series: [one, other].map((us, index) => ({
            ...second,
            second: index + 1,
            p50: us,
            p99: other,
          })),
        };
        survives(JSON.stringify(result));
      }
    }
  });

  test("names of Object's own are codes like others", () => {
    const codes = '{"__proto__": 1, "constructor": 2, "toString": 3}';
    const text = withText(failing, ["errors"], codes);
    const { result } = readResults(text, "a")[0]!;
    expect(page(result, SCREEN)).toContain("__proto__    1");
    expect(htmlReport(result)).toContain("__proto__");
    const merged = merge([
      { name: "a", result },
      { name: "b", result },
    ]);
    expect(Object.entries(merged.errors)).toEqual([
      ["__proto__", 2],
      ["constructor", 4],
      ["toString", 6],
    ]);
  });

  test("lists may be longer than a call's arguments", () => {
    const rows = Array.from({ length: 1_100_000 }, () => ["a", "b"]);
    expect(columns(rows, "lr")).toHaveLength(rows.length);
  });

  const refused: [string, string, RegExp][] = [
    ["1e999", withText(failing, ["seconds"], "1e999"), /seconds: .* a number/],
    [
      "more than can be counted",
      withText(failing, ["rate", "messages"], "1e300"),
      /rate\.messages: 1e\+300 is not 9007199254740991 or less/,
    ],
    [
      "a day that never was",
      withText(failing, ["started"], '"2026-01-99T00:00:00Z"'),
      /started: "2026-01-99T00:00:00Z" is not a date/,
    ],
    [
      "a tower of lists",
      withText(failing, ["options", "more"], "[".repeat(2e5) + "]".repeat(2e5)),
      /nested too deep/,
    ],
  ];
  test.each(refused)("refuses %s", (_, text, why) => {
    expect(() => readResults(text, "a")).toThrow(why);
  });

  test("nests as deep as any version may, and no deeper", () => {
    const nested = (depth: number) =>
      withText(failing, ["more"], "[".repeat(depth) + "]".repeat(depth));
    expect(readResults(nested(63), "a")).toHaveLength(1);
    expect(readResults(nested(64), "a")).toHaveLength(1);
    expect(() => readResults(nested(65), "a")).toThrow("nested too deep");
  });

  test("refuses a sum that nobody could read again", () => {
    const most = withText(failing, ["bytes", "sent"], "9007199254740991");
    const parts = [...readResults(most, "a"), ...readResults(most, "b")];
    expect(() => merge(parts)).toThrow("cannot merge: of the sum, bytes.sent");
  });
});

/** HdrHistogram V2, compressed: a head, and the bytes of its counts. */
function encoded(
  counts: Uint8Array,
  { digits = 3, highest = 2n ** 31n - 1n, length = counts.length } = {},
): string {
  const head = Buffer.alloc(40);
  head.writeInt32BE(0x1c849313, 0);
  head.writeInt32BE(length, 4);
  head.writeInt32BE(digits, 12);
  head.writeBigInt64BE(1n, 16);
  head.writeBigInt64BE(highest, 24);
  head.writeDoubleBE(1, 32);
  const compressed = deflateSync(Buffer.concat([head, counts]));
  const front = Buffer.alloc(8);
  front.writeInt32BE(0x1c849314, 0);
  front.writeInt32BE(compressed.length, 4);
  return Buffer.concat([front, compressed]).toString("base64");
}

describe("a histogram says what it likes:", () => {
  const bombs: [string, string][] = [
    ["300 MB of counts in 300 kB", encoded(new Uint8Array(3e8))],
    ["2^54 empty bins", encoded(Buffer.from("ffffffffffffffff7f", "hex"))],
    ["one bin too many", encoded(new Uint8Array(22_529))],
    [
      "a run whose length is in its ninth byte",
      encoded(Buffer.from("818080808080808080", "hex")),
    ],
    ["five digits", encoded(Buffer.from([2]), { digits: 5 })],
    ["more counts than it has", encoded(Buffer.from([2]), { length: 2 })],
    ["fewer counts than it has", encoded(Buffer.from([2, 2]), { length: 1 })],
    ["eight digits", encoded(Buffer.from([2]), { digits: 8 })],
    ["times of centuries", encoded(Buffer.from([2]), { highest: 2n ** 62n })],
    ["half a word", encoded(Buffer.from([0x80]))],
    ["nothing", "HISTFA=="],
  ];
  test.each(bombs)("%s", (_, histogram) => {
    const text = withText(failing, ["latency", "histogram"], `"${histogram}"`);
    expect(() => readResults(text, "a")).toThrow(
      "a is not a result of load: latency.histogram can't be decoded",
    );
  });

  test("and as long as it is one, it is read", () => {
    const times = JSON.stringify({
      ...failing.pacing,
      count: 1,
      histogram: encoded(Buffer.from([1, 2])),
    });
    expect(readResults(withText(failing, ["pacing"], times), "a")).toHaveLength(
      1,
    );
  });
});

test("a second far away costs nothing", async () => {
  await using folder = await temporaryFolder();
  const [a, html] = [folder.path("a"), folder.path("a.html")];
  const second =
    '{"second":SECOND,"messages":1,"bytes":1,"p50":1,"p99":1,"errors":1}';
  for (const far of ["50000000", "9007199254740991"]) {
    const list = `[${second.replace("SECOND", "1")},${second.replace("SECOND", far)}]`;
    await Bun.write(a, withText(failing, ["series"], list));
    const { status, stderr } = await run([
      "sh",
      "-c",
      // Its own needs are about a tenth of this.
      'ulimit -v 80000000; exec "$@"',
      "sh",
      ...sounder("report", a, "--html", html),
    ]);
    expect({ status, stderr }).toEqual({ status: 1, stderr: "" });
    expect(Bun.file(html).size).toBeLessThan(1e6);
  }
});
