import { type Histogram, HistogramLogWriter } from "hdr-histogram-js";

/** What happened between two times, in seconds from the start. */
export interface Interval {
  from: number;
  to: number;
  /** Microseconds. */
  latency: Histogram;
}

/** An interval's maximum is told in milliseconds, as its readers expect. */
const MICROSECONDS = 1000;

/**
 * An HdrHistogram log, format 1.3: what HdrHistogram's own tools read.
 * @param startedAt milliseconds since 1970
 */
export function hlog(
  startedAt: number,
  intervals: readonly Interval[],
): string {
  let text = "";
  const writer = new HistogramLogWriter((part) => {
    text += part;
  });
  writer.outputComment(
    "[Latency in microseconds, from when messages were due]",
  );
  writer.outputLogFormatVersion();
  writer.outputStartTime(startedAt);
  writer.outputLegend();
  for (const { from, to, latency } of intervals) {
    writer.outputIntervalHistogram(latency, from, to, MICROSECONDS);
  }
  return text;
}
