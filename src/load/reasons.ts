import type { GoalResult } from "../result/result.ts";
import { wordsOf } from "../errors/codes.ts";
import { formatCount, formatNumber, formatTimes, plural } from "../units.ts";
import type { Run } from "./run.ts";
import { answerTime, servedAtOnce } from "./warnings.ts";

/** `3 × ECONNRESET (the peer reset the connection), …`, the most first. */
export function listOf(errors: Iterable<[string, number]>): string {
  return [...errors]
    .toSorted(([, a], [, b]) => b - a)
    .map(
      ([code, count]) => `${formatCount(count)} × ${code} (${wordsOf(code)})`,
    )
    .join(", ");
}

/** What did not come back. */
export interface Unmet {
  /** Messages that were sent, and not answered. */
  unanswered: number;
  /** Messages that could not be sent. */
  unsent: number;
}

/**
 * Why a run fails, a line each; none where it passes.
 *
 * @param goals as they were judged
 * @param tolerant whether a goal says how many errors are borne: wrong bytes
 *   never are
 */
export function reasonsOf(
  run: Run,
  { unanswered, unsent }: Unmet,
  goals: readonly GoalResult[],
  tolerant: boolean,
): string[] {
  const { tally } = run;
  const reasons: string[] = [];
  const say = (count: number, noun: string, what: string) => {
    if (count > 0) reasons.push(`${plural(count, noun)} ${what}`);
  };
  say(tally.mismatched, "byte", "came back wrong");
  if (tally.received === 0) reasons.push(nothing(run));
  if (!tolerant) {
    if (tally.received > 0) say(unanswered, "message", "unanswered");
    say(unsent, "message", "could not be sent");
    if (tally.failed > 0) {
      const served = servedAtOnce(run);
      const errors = `${plural(tally.failed, "error")}: ${listOf(tally.errors)}`;
      say(tally.lost, "connection", `lost${served}`);
      reasons.push(tally.lost > 0 ? errors : errors + served);
    }
  }
  for (const goal of goals) if (!goal.met) reasons.push(missed(goal));
  return reasons;
}

/** Why there is nothing to tell. */
function nothing({ tally, options, interrupted }: Run): string {
  const { rate } = options;
  if (tally.sent > 0 || tally.unsent > 0) return "nothing came back";
  if (interrupted) return "it was interrupted before anything was measured";
  if (rate !== undefined && tally.firstByte.total > 0) {
    return `no message was due: at ${formatNumber(rate)} a second, measure for longer`;
  }
  if (tally.firstByte.total > 0) {
    return (
      `nothing was measured: an answer takes ${answerTime(tally)}, so measure ` +
      "for longer"
    );
  }
  return "nothing came back";
}

function missed({ goal, measured, below = measured ?? 0 }: GoalResult): string {
  if (measured === null) return `${goal} missed: it can't be told`;
  const was = goal.startsWith("errors")
    ? `${Number((measured * 100).toPrecision(3))} %`
    : formatTimes([measured, below])[0]!;
  return `${goal} missed: ${was}`;
}
