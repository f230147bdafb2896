import type { Result, Second } from "../result/result.ts";
import {
  samplesFor,
  TimeCounts,
  type Times,
  timesOf,
} from "../result/times.ts";
import { formatEndpoint } from "../socket/endpoint.ts";
import { formatDuration, plural } from "../units.ts";
import type { Target } from "./goals.ts";
import { judge } from "./judge.ts";
import { rateKept } from "./kept.ts";
import type { LoadOptions } from "./options.ts";
import { reasonsOf } from "./reasons.ts";
import type { Run } from "./run.ts";
import type { Tally, ToldSecond } from "./tally.ts";

/** Above this share of a core a generator is taken to be the limit itself. */
const BUSY = 0.95;
/** Later than this, in microseconds, its own lateness shows in the figures. */
const LATE = 1000;
/** Below this share of the planned rate, the plan was not kept. */
const RATE_KEPT = 0.995;

function secondOf(
  { second, messages, errors, latency }: ToldSecond,
  { size }: LoadOptions,
  run: Times,
): Second {
  const times = TimeCounts.unpack(latency);
  const above = (us: number | null) => (us === null ? null : times.above(us));
  return {
    second,
    messages,
    bytes: messages * size,
    p50: times.percentile(50),
    p99: times.percentile(99),
    errors,
    above: {
      p50: above(run.p50),
      p90: above(run.p90),
      p99: above(run.p99),
      p999: above(run.p999),
      p9999: above(run.p9999),
    },
  };
}

/** Messages that were never due, since no connection was left to send them. */
function neverDue({ options: { until }, tally, interrupted }: Run): number {
  if ("duration" in until || interrupted) return 0;
  return until.messages - tally.sent - tally.unsent;
}

function progressOf({ until }: LoadOptions, tally: Tally): string {
  if (tally.seconds === 0) return "before measuring began";
  const done = formatDuration(tally.seconds * 1000);
  return "duration" in until
    ? `after ${done} of ${formatDuration(until.duration)}`
    : `after ${tally.sent} of ${plural(until.messages, "message")}`;
}

type Figures = Pick<Result, "rate" | "seconds" | "latency" | "options">;

/** What the figures alone do not say: whom they speak of. */
function warningsOf(run: Run, figures: Figures): string[] {
  const { options, tally, interrupted } = run;
  const { connections, rate, workers } = options;
  const warnings: string[] = [];
  if (interrupted) {
    warnings.push(`interrupted ${progressOf(options, tally)}`);
    if (tally.seconds === 0) return warnings;
  }
  const share = Math.round(tally.busiest * 100);
  const kept = rateKept(figures, RATE_KEPT);
  const late = tally.pacing.percentile(99);

  // An open loop that keeps its rate turns while it waits: that says nothing.
  if (tally.busiest > BUSY && (rate === undefined || !kept)) {
    warnings.push(
      `the generator used ${share} % of a core: it, not the server, may be ` +
        `the limit (more --workers${workers > 1 ? "" : ", up to one a core"})`,
    );
  }
  if (late !== null && late > LATE) {
    warnings.push(
      "the generator was late itself: 1 % of messages by " +
        `${formatDuration(late / 1000)} or more`,
    );
  }
  if (!kept) {
    const achieved = figures.rate.messages.toFixed(0);
    warnings.push(
      `the planned rate was not reached: ${achieved} of ${rate} ` +
        "messages a second",
    );
  }
  const never = neverDue(run);
  if (never > 0) {
    warnings.push(
      `${plural(never, "message")} could not be sent: no connection was left`,
    );
  }
  if (tally.unsent > 0) {
    warnings.push(
      `${plural(tally.unsent, "message")} could not be sent, since no ` +
        "connection was free: no percentile counts them",
    );
  }
  if (tally.opened - tally.lost < connections) {
    const what =
      tally.opened < connections
        ? "fewer connections than planned"
        : "connections were lost";
    warnings.push(
      `${what}: ${tally.opened} opened, ${tally.lost} lost, ` +
        `${connections} planned`,
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

/** Percentiles, and goals, that could not be told for want of samples. */
function tooFew(
  { count, p99, p999 }: Result["latency"],
  goals: readonly Target[],
): string[] {
  const untold = [
    ...(p99 === null ? ["p99"] : []),
    ...(p999 === null ? ["p99.9"] : []),
    ...goals
      .filter(({ of }) => typeof of === "object" && !enough(count, of))
      .map(({ text }) => text.replace(/<.*/, "")),
  ];
  if (untold.length === 0 || count === 0) return [];
  const which = [...new Set(untold)].join(" and ");
  const few = plural(count, "message");
  return [`${which} can't be told from ${few}: measure for longer`];
}

const enough = (count: number, { percentile: at }: { percentile: number }) =>
  count >= samplesFor(at);

/**
 * @param goals what the run must reach
 * @param command the command line that makes it again
 */
export function resultOf(
  run: Run,
  goals: readonly Target[],
  command: string,
): Result {
  const { options, reply, tally, seconds } = run;
  const { target, until, size } = options;
  const histogram = tally.latency.toHistogram();
  const latency = timesOf(histogram);
  const unanswered = tally.sent - tally.received;
  const unsent = tally.unsent + neverDue(run);
  const unmet = unanswered + unsent;
  const errors = { unmet, all: Math.max(unmet, tally.failures) };
  const judged = goals.map((goal) => judge(goal, histogram, errors));
  const tolerant = goals.some(({ of }) => of === "errors");
  const reasons = reasonsOf(tally, { unanswered, unsent }, judged, tolerant);
  const perSecond = (count: number) =>
    tally.seconds > 0 ? Math.round((count / tally.seconds) * 10) / 10 : 0;

  const figures: Figures = {
    options: {
      connections: options.connections,
      size,
      pipeline: options.pipeline,
      duration: "duration" in until ? until.duration / 1000 : null,
      messages: "messages" in until ? until.messages : null,
      rate: options.rate ?? null,
      arrivals: options.arrivals,
      warmup: options.warmup / 1000,
      ramp: options.ramp / 1000,
      workers: options.workers,
    },
    seconds: Math.round(tally.seconds * 1000) / 1000,
    rate: {
      planned: options.rate ?? null,
      messages: perSecond(tally.answered),
      bytes: perSecond(tally.answered * size),
    },
    latency,
  };

  return {
    version: 1,
    runs: [crypto.randomUUID()],
    target:
      target.kind === "tcp"
        ? `tcp://${formatEndpoint(target)}`
        : formatEndpoint(target),
    reply,
    command,
    started: new Date(tally.startedAt).toISOString(),
    ...figures,
    connections: {
      planned: options.connections,
      opened: tally.opened,
      lost: tally.lost,
      latency: timesOf(tally.connect.toHistogram()),
      firstByte: timesOf(tally.firstByte.toHistogram()),
    },
    messages: { sent: tally.sent, received: tally.received, unanswered },
    bytes: {
      sent: tally.sent * size,
      received: tally.received * size,
      mismatched: tally.mismatched,
    },
    service:
      options.rate === undefined
        ? latency
        : timesOf(tally.service.toHistogram()),
    pacing: timesOf(tally.pacing.toHistogram()),
    errors: Object.fromEntries(tally.errors),
    faults: tally.faults,
    warnings: [...warningsOf(run, figures), ...tooFew(latency, goals)],
    series: seconds.map((second) => secondOf(second, options, latency)),
    goals: judged,
    search: null,
    verdict: reasons.length === 0 ? "pass" : "fail",
    reasons,
  };
}
