/** What it costs to record a time, and to make percentiles of what was. */
import { createHistogram } from "node:perf_hooks";

import { bench, do_not_optimize, run, summary } from "mitata";

import { random } from "../src/load/random.ts";
import { newHistogram, TimeCounts, timesOf } from "../src/result/times.ts";

const SAMPLES = 4096;

/** Microseconds, most near 200, few near a second, as those of a run are. */
const next = random(1);
const samples = Float64Array.from(
  { length: SAMPLES },
  () => 200 * Math.exp(3 * next() ** 8 * Math.log(17)),
);

summary(() => {
  const counts = new TimeCounts();
  const hdr = newHistogram();
  const runtime = createHistogram();
  let at = 0;
  const sample = () => samples[(at = (at + 1) & (SAMPLES - 1))]!;

  bench("TimeCounts.record()", () => counts.record(sample())).baseline();
  bench("hdr-histogram-js", () => hdr.recordValue(sample()));
  bench("node:perf_hooks", () => runtime.record(Math.max(1, sample() | 0)));
});

const counts = new TimeCounts();
for (const sample of samples) counts.record(sample);
const other = new TimeCounts();
const histogram = counts.toHistogram();

bench("add(), as for each worker and second", () => other.add(counts));
bench("toHistogram()", () => do_not_optimize(counts.toHistogram()));
bench("timesOf(), as for each second told", () =>
  do_not_optimize(timesOf(histogram)),
);

await run({ throw: true });
