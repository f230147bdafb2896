import { sumOf } from "../result/aggregates.ts";
import type { Result } from "../result/result.ts";
import { plural } from "../units.ts";
import { formatRate } from "./numbers.ts";

/** How many errors there were, of all causes. */
export function errorCount({ errors }: Result): number {
  return sumOf(Object.values(errors));
}

/** Why a run passed or failed, in a line. */
export function reasonOf(result: Result): string {
  return result.verdict === "pass"
    ? passed(result)
    : reasonsOf(result).join("; ");
}

function passed({ messages, goals, search }: Result): string {
  const right =
    messages.received === 1
      ? "the answer was right"
      : `all ${plural(messages.received, "answer")} were right`;
  if (search !== null) {
    return `${right}; the goals are met up to ${formatRate(search.rate)}`;
  }
  if (goals.length === 0) return right;
  return `${right}; ${goals.map(({ goal }) => goal).join(" and ")} met`;
}

/** Why a run failed, a line each; at least one. */
export function reasonsOf(result: Result): string[] {
  const { reasons } = result;
  if (reasons !== undefined && reasons.length > 0) return reasons;
  const found = reasonsIn(result);
  return found.length > 0 ? found : ["its file does not say why"];
}

/** Results of older versions have no reasons: what their figures show. */
function reasonsIn(result: Result): string[] {
  const { messages, bytes, connections, faults, goals } = result;
  const reasons: string[] = [];
  const count = errorCount(result);
  if (bytes.mismatched > 0 || faults.length > 0) {
    reasons.push(`${plural(bytes.mismatched, "byte")} came back wrong`);
  }
  if (messages.received === 0) {
    reasons.push("nothing came back");
  } else if (messages.unanswered > 0) {
    reasons.push(`${plural(messages.unanswered, "message")} unanswered`);
  }
  if (connections.lost > 0) {
    reasons.push(`${plural(connections.lost, "connection")} lost`);
  }
  if (count > 0) reasons.push(plural(count, "error"));
  const missed = goals.filter(({ met }) => !met).map(({ goal }) => goal);
  if (missed.length > 0) reasons.push(`${missed.join(" and ")} missed`);
  if (result.search?.rate === 0) reasons.push("no rate met the goals");
  return reasons;
}
