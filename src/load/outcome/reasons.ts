import type { GoalResult } from "../../result/result.ts";
import { formatNumber, formatTimes, plural } from "../../units.ts";
import { listOf } from "./error-list.ts";
import type { Run } from "../run.ts";
import { answerTime, servedAtOnce } from "./warnings.ts";

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
  const [how, ...others] = new Set(tally.faults.map(({ text }) => text));
  const alike = how !== undefined && others.length === 0;
  say(tally.mismatched, "byte", `came back wrong${alike ? `: ${how}` : ""}`);
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
  const asked = tally.sent + tally.unsent > 0;
  if (interrupted) {
    const what = asked ? "an answer came" : "anything was measured";
    return `it was interrupted before ${what}`;
  }
  // What was answered, or lost, was so in the warm-up.
  if (tally.firstByte.total === 0) return "nothing came back";
  if (tally.lostEarly > 0) {
    return (
      `nothing came back: ${plural(tally.lostEarly, "connection")} lost ` +
      `in the warm-up: ${listOf(tally.earlyErrors)}`
    );
  }
  if (tally.failed > 0) return "nothing came back";
  if (rate !== undefined && !asked) {
    return `no message was due: at ${formatNumber(rate)} a second, measure for longer`;
  }
  return (
    `nothing was measured: an answer takes ${answerTime(tally)}, so measure ` +
    "for longer"
  );
}

function missed({ goal, measured, below = measured ?? 0 }: GoalResult): string {
  if (measured === null) return `${goal} missed: it can't be told`;
  const was = goal.startsWith("errors")
    ? `${Number((measured * 100).toPrecision(3))} %`
    : formatTimes([measured, below], () => 0)[0]!;
  return `${goal} missed: ${was}`;
}
