import { type Histogram, HistogramLogWriter } from "hdr-histogram-js";

import { plural } from "../units.ts";

/** What happened between two times, in seconds from the start. */
export interface LoggedInterval {
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
 * @param unanswered messages that it can't hold, since they have no time
 */
export function hlog(
  startedAt: number,
  intervals: readonly LoggedInterval[],
  unanswered = 0,
): string {
  let text = "";
  const writer = new HistogramLogWriter((part) => {
    text += part;
  });
  writer.outputComment(
    "[Latency in microseconds, from when messages were due]",
  );
  if (unanswered > 0) {
    writer.outputComment(
      `[${plural(unanswered, "message")} without an answer not in it: ` +
        "slower than all others]",
    );
  }
  writer.outputLogFormatVersion();
  writer.outputStartTime(startedAt);
  writer.outputLegend();
  for (const { from, to, latency } of intervals) {
    writer.outputIntervalHistogram(latency, from, to, MICROSECONDS);
  }
  return text;
}
