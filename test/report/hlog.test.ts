import { expect, test } from "bun:test";

import { HistogramLogReader } from "hdr-histogram-js";

import { hlog } from "../../src/report/hlog.ts";
import { newHistogram } from "../../src/result/times.ts";

test("hlog() is read back by HdrHistogram's own reader", () => {
  const intervals = [100, 200].map((time, index) => {
    const latency = newHistogram();
    latency.recordValueWithCount(time, 10);
    return { from: index, to: index + 1, latency };
  });
  const reader = new HistogramLogReader(hlog(1_795_360_000_000, intervals));
  for (const [index, time] of [100, 200].entries()) {
    const read = reader.nextIntervalHistogram()!;
    expect(read.totalCount).toBe(10);
    expect(read.getValueAtPercentile(50)).toBe(time);
    expect(read.startTimeStampMsec).toBe(1_795_360_000_000 + index * 1000);
    expect(read.endTimeStampMsec - read.startTimeStampMsec).toBe(1000);
  }
  expect(reader.nextIntervalHistogram()).toBeNull();
});

test("hlog() tells an interval's maximum in milliseconds", () => {
  const latency = newHistogram();
  latency.recordValue(1500);
  const text = hlog(0, [{ from: 0, to: 1, latency }]);
  expect(text).toMatch(/^0\.000,1\.000,1\.500,HISTF/m);
});
