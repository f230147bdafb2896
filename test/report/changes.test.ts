import { expect, test } from "bun:test";

import schema from "../../docs/comparison.schema.json" with { type: "json" };
import { comparisonJson } from "../../src/report/changes.ts";
import { compare } from "../../src/result/compare.ts";
import { MEASURES } from "../../src/result/estimates.ts";
import { merge } from "../../src/result/merge.ts";
import { failing, openLoop, searching } from "../support/results.ts";
import { resultOf, serviceTimes } from "../support/result.ts";
import { comparisonComplaints } from "../support/schema.ts";

const lossy = serviceTimes().map((times) =>
  times.map((us, index) => (index < 99 ? Infinity : us)),
);
const runs = Object.entries({
  steady: resultOf(serviceTimes()),
  stalled: openLoop,
  failing,
  searching,
  lossy: resultOf(lossy),
  silent: resultOf([[Infinity], [Infinity]]),
  nothing: resultOf([[], []]),
  short: resultOf([[1, 2, 3]]),
  merged: merge([
    { name: "a", result: openLoop },
    { name: "b", result: failing },
  ]),
}).map(([name, result]) => ({ name, result }));

test.each(runs)("the schema knows a comparison with what is $name", (base) => {
  const json = JSON.stringify(comparisonJson(compare(base, runs)));
  expect(comparisonComplaints(JSON.parse(json))).toEqual([]);
});

test("the schema has every measure, in order, and wants what there is", () => {
  expect(schema.$defs.change.properties.measure.enum).toEqual([...MEASURES]);
  const [one, ...others] = runs;
  const json = JSON.parse(
    JSON.stringify(comparisonJson(compare(one!, others))),
  );
  const { change } = schema.$defs;
  for (const key of change.required) {
    const copy = structuredClone(json);
    delete copy.others[0].changes[0][key];
    expect(comparisonComplaints(copy)).toHaveLength(1);
  }
  expect(comparisonComplaints({ ...json, more: 1 })).toEqual([
    " must NOT have additional properties",
  ]);
});
