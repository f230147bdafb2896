import type { Histogram } from "hdr-histogram-js";

import type { Goal } from "../result/result.ts";
import { decode } from "../result/times.ts";
import type { Target } from "./goals.ts";

/** What a goal is held against. */
export interface Measured {
  /** HdrHistogram, base64. */
  histogram: string;
  sent: number;
  errors: number;
}

function timeOf(of: Target["of"], times: Histogram): number | null {
  if (times.totalCount === 0) return null;
  if (of === "mean") return times.mean;
  return typeof of === "object"
    ? times.getValueAtPercentile(of.percentile)
    : times.getValueAtPercentile(100);
}

export function judge(
  goal: Target,
  { histogram, sent, errors }: Measured,
): Goal {
  const measured =
    goal.of === "errors"
      ? errors / Math.max(sent, errors, 1)
      : timeOf(goal.of, decode(histogram));
  const met = measured !== null && measured < goal.below;
  return { goal: goal.text, measured, met };
}
