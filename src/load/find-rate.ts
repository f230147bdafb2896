import type { Result, SearchStep } from "../result/result.ts";
import { messagesFor, type Goal } from "./goals.ts";
import type { LoadOptions } from "./options.ts";
import { SounderError } from "../errors/errors.ts";
import { listOf } from "./reasons.ts";
import { found, search } from "./search.ts";

/** The least a step takes, unless no more is allowed; milliseconds. */
const STEP = 2000;
/** Connections are new in each step, and little else is. */
const WARMUP_MOST = 500;

/**
 * Searches the highest rate that meets the goals, from a quarter of what a
 * closed loop reaches. A step is as long as the goals' percentiles ask for,
 * within the options' duration.
 *
 * @param measure runs one step, after those tried, and holds it against the goals
 * @param stop ends the search early: what it knows by then is told
 * @throws SounderError if it knows nothing by then: `EINTR`, or why a step failed
 */
export async function findRate(
  options: LoadOptions,
  goals: readonly Goal[],
  measure: (step: LoadOptions, tried: readonly SearchStep[]) => Promise<Result>,
  stop: AbortSignal,
): Promise<Result> {
  const { until } = options;
  const longest = "duration" in until ? until.duration : STEP;
  const warmup = Math.min(options.warmup, WARMUP_MOST);

  async function step(
    rate: number | undefined,
    tried: readonly SearchStep[],
  ): Promise<Result> {
    const enough = rate === undefined ? 0 : (messagesFor(goals) / rate) * 1000;
    const duration = Math.min(Math.max(enough, STEP), longest);
    return measure({ ...options, rate, until: { duration }, warmup }, tried);
  }

  const closed = await step(undefined, []);
  if (closed.bytes.mismatched > 0) return found(closed, 0, []);
  const troubles = new Map<string, number>();
  let cutShort = false;
  let failed: SounderError | undefined;
  const result = await search(
    closed.rate.messages / 4,
    async (rate, before) => {
      if (stop.aborted) return undefined;
      let tried: Result;
      try {
        tried = await step(rate, before);
      } catch (error) {
        if (!(error instanceof SounderError)) throw error;
        failed = error;
        return undefined;
      }
      // A step that was interrupted says nothing.
      if (stop.aborted) return undefined;
      for (const [code, count] of Object.entries(tried.errors)) {
        troubles.set(code, (troubles.get(code) ?? 0) + count);
      }
      cutShort ||= (messagesFor(goals) / rate) * 1000 > longest;
      return tried;
    },
  ).catch((error) => {
    throw failed ?? error;
  });
  const warnings: string[] = [];
  /** Why it ended before the limit was found. */
  const ended: string[] = [];
  if (stop.aborted) {
    ended.push("the search was interrupted: the limit may be elsewhere");
  } else if (failed !== undefined) {
    ended.push(`the search ended early: ${failed.message}`);
  }
  if (cutShort) {
    warnings.push(
      "some steps were too short for their goals' percentiles: a longer " +
        "--duration lets them have what they need",
    );
  }
  if (troubles.size > 0) {
    warnings.push(`steps of the search had errors: ${listOf(troubles)}`);
  }
  return {
    ...result,
    warnings: [...ended, ...warnings, ...result.warnings],
    verdict: ended.length === 0 ? result.verdict : "fail",
    reasons: [...ended, ...(result.reasons ?? [])],
  };
}
