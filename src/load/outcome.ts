import type { Result, Second } from "../result/result.ts";
import { percentile, timesOf } from "../result/times.ts";
import { formatEndpoint } from "../socket/endpoint.ts";
import { formatDuration, plural } from "../units.ts";
import type { Target } from "./goals.ts";
import { judge } from "./judge.ts";
import type { LoadOptions } from "./options.ts";
import type { Run } from "./run.ts";
import type { Tally, ToldSecond } from "./tally.ts";

/** Above this share of a core a generator is taken to be the limit itself. */
const BUSY = 0.95;
/** Later than this, in microseconds, its own lateness shows in the figures. */
const LATE = 1000;
/** Below this share of the planned rate, the plan was not kept. */
const RATE_KEPT = 0.995;

function secondOf(
  { second, messages, errors, p50, p99 }: ToldSecond,
  size: number,
): Second {
  return { second, messages, bytes: messages * size, p50, p99, errors };
}

function progressOf({ until }: LoadOptions, tally: Tally): string {
  if (tally.seconds === 0) return "before measuring began";
  const done = formatDuration(tally.seconds * 1000);
  return "duration" in until
    ? `after ${done} of ${formatDuration(until.duration)}`
    : `after ${tally.sent} of ${plural(until.messages, "message")}`;
}

/** What the figures alone do not say: whom they speak of. */
function warningsOf({ options, tally, interrupted }: Run): string[] {
  const { connections, rate, workers } = options;
  const warnings: string[] = [];
  if (interrupted) {
    warnings.push(`interrupted ${progressOf(options, tally)}`);
    if (tally.seconds === 0) return warnings;
  }
  const share = Math.round(tally.busiest * 100);
  const achieved = tally.answered / tally.seconds;
  const late = percentile(tally.pacing.toHistogram(), 99);

  if (rate === undefined && tally.busiest > BUSY) {
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
  // Of a few messages, one more or less is still the rate.
  const planned = (rate ?? 0) * tally.seconds * RATE_KEPT - 1;
  if (tally.answered < planned) {
    warnings.push(
      `the planned rate was not reached: ${achieved.toFixed(0)} of ${rate} ` +
        "messages a second",
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
  return warnings;
}

/** Percentiles that could not be told, for want of samples. */
function tooFew({ count, p99, p999 }: Result["latency"]): string[] {
  if (p999 !== null) return [];
  const which = p99 === null ? "p99 and p99.9" : "p99.9";
  return [`${which} can't be told from ${count} messages: measure for longer`];
}

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
  const latency = timesOf(tally.latency.toHistogram());
  const unanswered = tally.sent - tally.received;
  const judged = goals.map((goal) =>
    judge(goal, {
      histogram: latency.histogram,
      sent: tally.sent + tally.unsent,
      errors: unanswered + tally.unsent,
    }),
  );
  // A goal for errors says how many are borne; wrong bytes never are.
  const tolerant = goals.some(({ of }) => of === "errors");
  const sound =
    tally.mismatched === 0 &&
    tally.received > 0 &&
    (tolerant || unanswered + tally.unsent + tally.errors.size === 0);
  const perSecond = (count: number) =>
    tally.seconds > 0 ? Math.round((count / tally.seconds) * 10) / 10 : 0;

  return {
    version: 1,
    runs: [crypto.randomUUID()],
    target:
      target.kind === "tcp"
        ? `tcp://${formatEndpoint(target)}`
        : formatEndpoint(target),
    reply,
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
    command,
    started: new Date(tally.startedAt).toISOString(),
    seconds: Math.round(tally.seconds * 1000) / 1000,
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
    rate: {
      planned: options.rate ?? null,
      messages: perSecond(tally.answered),
      bytes: perSecond(tally.answered * size),
    },
    latency,
    service:
      options.rate === undefined
        ? latency
        : timesOf(tally.service.toHistogram()),
    pacing: timesOf(tally.pacing.toHistogram()),
    errors: Object.fromEntries(tally.errors),
    faults: tally.faults,
    warnings: [...warningsOf(run), ...tooFew(latency)],
    series: seconds.map((second) => secondOf(second, size)),
    goals: judged,
    search: null,
    verdict: sound && judged.every(({ met }) => met) ? "pass" : "fail",
  };
}
