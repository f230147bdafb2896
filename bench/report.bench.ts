/** What it costs to tell of a run of ten minutes, and to merge and compare. */
import { bench, do_not_optimize, run } from "mitata";

import { htmlReport } from "../src/report/html/page.ts";
import { page } from "../src/report/text/page.ts";
import { compare } from "../src/result/compare.ts";
import { merge } from "../src/result/merge.ts";
import { readResults } from "../src/result/read.ts";
import { resultOf, serviceTimes } from "../test/support/result.ts";

const parts = [1, 2, 3].map((seed) => ({
  name: `machine-${seed}.json`,
  result: resultOf(serviceTimes({ seed, seconds: 600, messages: 1000 })),
}));
const [first, ...others] = parts as [(typeof parts)[0], ...typeof parts];
const text = JSON.stringify(first.result);

bench("read a result", () => do_not_optimize(readResults(text, first.name)));
bench("the page on a terminal", () =>
  do_not_optimize(page(first.result, { width: 80, colour: true })),
);
bench("the HTML report", () => do_not_optimize(htmlReport(first.result)));
bench("merge three", () => do_not_optimize(merge(parts)));
bench("compare three", () => do_not_optimize(compare(first, others)));

await run({ throw: true });
