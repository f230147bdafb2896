import type { Result } from "../result/result.ts";
import { messagesFor, type Target } from "./goals.ts";
import type { LoadOptions } from "./options.ts";
import { search } from "./search.ts";

/** The least a step takes, unless no more is allowed; milliseconds. */
const STEP = 2000;
/** Connections are new in each step, and little else is. */
const WARMUP_MOST = 500;

/**
 * Searches the highest rate that meets the goals, from a quarter of what a
 * closed loop reaches. A step is as long as the goals' percentiles ask for,
 * within the options' duration.
 *
 * @param measure runs one step, and holds it against the goals
 * @param stop ends the search early: what it knows by then is told
 * @throws SounderError `EINTR` if it knows nothing by then
 */
export async function findRate(
  options: LoadOptions,
  goals: readonly Target[],
  measure: (step: LoadOptions) => Promise<Result>,
  stop: AbortSignal,
): Promise<Result> {
  const { until } = options;
  const longest = "duration" in until ? until.duration : STEP;
  const warmup = Math.min(options.warmup, WARMUP_MOST);

  async function step(rate: number | undefined): Promise<Result> {
    const enough = rate === undefined ? 0 : (messagesFor(goals) / rate) * 1000;
    const duration = Math.min(Math.max(enough, STEP), longest);
    return measure({ ...options, rate, until: { duration }, warmup });
  }

  const closed = await step(undefined);
  const result = await search(closed.rate.messages / 4, async (rate) => {
    if (stop.aborted) return undefined;
    const tried = await step(rate);
    // A step that was cut short says nothing.
    return stop.aborted ? undefined : tried;
  });
  if (!stop.aborted) return result;
  const warning = "the search was interrupted: the limit may be elsewhere";
  return { ...result, warnings: [warning, ...result.warnings] };
}
