import {
  nameOf,
  type Percentile,
  PERCENTILE_KEYS,
  PERCENTILES,
} from "../../result/percentiles.ts";
import { planKept } from "../../result/kept.ts";
import type { Result } from "../../result/result.ts";
import { samplesFor, type Times } from "../../result/times.ts";
import {
  formatCount,
  formatDuration,
  formatRate,
  formatTime,
  formatTimes,
  plural,
} from "../../units.ts";
import { listOf } from "./error-list.ts";
import type { Goal } from "./goals.ts";
import type { LoadOptions } from "../options.ts";
import type { Run } from "../run.ts";
import type { Tally } from "../worker/tally.ts";

/** Above this share of a core a generator is taken to be the limit itself. */
const BUSY = 0.95;
/** Later than this, in microseconds, its own lateness shows in the figures. */
const LATE = 1000;

/** Messages that were never due, since no connection was left to send them. */
export function neverDue({
  options: { until },
  tally,
  interrupted,
}: Run): number {
  if ("duration" in until || interrupted) return 0;
  return until.messages - tally.sent - tally.unsent;
}

function progressOf({ until }: LoadOptions, tally: Tally): string {
  if (tally.seconds === 0) return "before measuring began";
  const over =
    "duration" in until
      ? tally.seconds * 1000 >= until.duration
      : tally.sent + tally.unsent >= until.messages;
  if (over) return "while the last answers were awaited";
  if ("messages" in until) {
    const sent = formatCount(tally.sent);
    return `after ${sent} of ${plural(until.messages, "message")}`;
  }
  const times = formatTimes([tally.seconds * 1e6, until.duration * 1000]);
  return `after ${times.join(" of ")}`;
}

export type Figures = Pick<
  Result,
  "rate" | "seconds" | "latency" | "service" | "options"
>;

/** What the figures alone do not say: whom they speak of. */
export function warningsOf(run: Run, figures: Figures): string[] {
  const { options, tally, interrupted } = run;
  const early = interrupted
    ? [`interrupted ${progressOf(options, tally)}`]
    : [];
  if (interrupted && tally.seconds === 0) return early;
  const kept = planKept(figures);
  const warnings = [...early, ...ofGenerator(run, kept)];
  if (!kept) {
    const achieved = formatRate(figures.rate.messages);
    const planned = formatRate(options.rate ?? 0);
    warnings.push(
      `the planned rate was not reached: ${achieved} of ${planned}`,
    );
  }
  return [...warnings, ...ofMessages(run), ...ofConnections(run)];
}

/** @param kept whether an open loop's rate was */
function ofGenerator({ options, tally }: Run, kept: boolean): string[] {
  const { rate, workers } = options;
  const late = tally.pacing.percentile(99);
  const warnings: string[] = [];
  if (tally.stoodStill > 0) {
    const longest = formatDuration(tally.stoodStill);
    warnings.push(
      `the generator itself stood still, for up to ${longest}: latencies of ` +
        "that length are its own",
    );
  }
  // An open loop that keeps its rate turns while it waits: that says nothing.
  if (
    tally.busiest > BUSY &&
    tally.received > 0 &&
    (rate === undefined || !kept)
  ) {
    const share = Math.round(tally.busiest * 100);
    warnings.push(
      `the generator used ${share} % of a core: it, not the server, may be ` +
        `the limit (more --workers${workers > 1 ? "" : ", up to one a core"})`,
    );
  }
  if (late !== null && late > LATE) {
    warnings.push(
      "the generator was late itself: 1 % of messages by " +
        `${formatTime(late)} or more`,
    );
  }
  return warnings;
}

function ofMessages(run: Run): string[] {
  const { tally } = run;
  const never = neverDue(run);
  const warnings: string[] = [];
  if (never > 0) {
    warnings.push(
      `${plural(never, "message")} could not be sent: no connection was left`,
    );
  }
  const { cutInFlight, cutUnsent } = tally;
  const unsent = tally.unsent - cutUnsent;
  if (unsent > 0) {
    warnings.push(
      `${plural(unsent, "message")} could not be sent, since no ` +
        "connection was free",
    );
  }
  const cut = cutInFlight + cutUnsent;
  if (cut > 0) {
    warnings.push(
      `${plural(cut, "message")} had no answer yet when it was interrupted`,
    );
  }
  if (tally.answered === 0 && tally.received > 0 && !run.interrupted) {
    warnings.push(
      `no answer came in the ${formatDuration(tally.seconds * 1000)} that were ` +
        `measured, so there is no rate: they take ${answerTime(tally)}, so ` +
        "measure for longer",
    );
  }
  return warnings;
}

function ofConnections(run: Run): string[] {
  const { tally } = run;
  const { connections, reconnect } = run.options;
  const warnings: string[] = [];
  const { opened, lostEarly, earlyErrors, finishedIdle } = tally;
  const lost = tally.lost + lostEarly;
  if (earlyErrors.size > 0) {
    warnings.push(
      `in the warm-up, which does not count: ` +
        `${plural(lostEarly, "connection")} lost: ${listOf(earlyErrors)}`,
    );
  }
  if (finishedIdle > 0) {
    warnings.push(
      `the server finished ${plural(finishedIdle, "connection")} between ` +
        "messages, with nothing owed on them",
    );
  }
  // At the end one may be about to be replaced.
  const gone = lost + (reconnect ? 0 : finishedIdle);
  if (opened - gone < connections) {
    const what =
      opened < connections
        ? "fewer connections than planned"
        : lost > 0
          ? "connections were lost"
          : "connections were not replaced";
    warnings.push(
      `${what}: ${formatCount(opened)} opened, ${formatCount(lost)} lost, ` +
        `${formatCount(connections)} planned${servedAtOnce(run)}`,
    );
  }
  if (tally.unfinished > 0) {
    warnings.push(
      `${plural(tally.unfinished, "connection")} did not end as they should: ` +
        "the server reset them at our FIN, or sent none of its own",
    );
  }
  return warnings;
}

/** How long an answer takes, by the first of each connection. */
export function answerTime({ firstByte }: Tally): string {
  return formatTime(firstByte.percentile(50) ?? 0);
}

/**
 * `; no more than 3 were ever served at once`, where others were not: fewer may
 * be served than are open only since an open loop needs no more.
 */
export function servedAtOnce({
  tally: { served, unserved },
  options: { connections },
}: Pick<Run, "tally" | "options">): string {
  return unserved > 0 && served > 0 && served < connections
    ? `; no more than ${formatCount(served)} ${served === 1 ? "was" : "were"} ever served at once`
    : "";
}

/** A percentile's name, and how many per cent are below it. */
type Named = readonly [name: string, at: number];

const byPlace = ([, a]: Named, [, b]: Named) => a - b;

const named = (key: Percentile): Named => [nameOf(key), PERCENTILES[key]];

/** Those that a run is expected to have. */
const HIGH = (["p99", "p999"] as const).map(named);
const ALL = PERCENTILE_KEYS.map(named);

/** Why percentiles, of the run and of its goals, are null; a line each. */
export function missingPercentiles(
  latency: Times,
  goals: readonly Goal[],
): string[] {
  const { count, unanswered = 0 } = latency;
  const all = count + unanswered;
  if (all === 0) return [];
  const asked = goals.flatMap(({ text, of }): Named[] =>
    typeof of === "object" ? [[text.replace(/<.*/, ""), of.percentile]] : [],
  );
  const warnings: string[] = [];
  const tooFew = ([, at]: Named) => all < samplesFor(at);
  if ([...HIGH, ...asked].some(tooFew)) {
    const few = [...ALL, ...asked].filter(tooFew).toSorted(byPlace);
    const from = plural(all, "message");
    warnings.push(
      `${few[0]![0]} and above can't be told from ${from}: measure for longer`,
    );
  }
  const [lowest] = [...ALL, ...asked]
    .filter(([, at]) => all >= samplesFor(at) && at * all > count * 100)
    .toSorted(byPlace);
  if (lowest !== undefined) {
    warnings.push(
      `${lowest[0]} and above can't be told: ${formatCount(unanswered)} of ` +
        `${plural(all, "message")} had no answer`,
    );
  }
  return warnings;
}
