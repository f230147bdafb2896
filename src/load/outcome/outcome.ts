import type { Histogram } from "hdr-histogram-js";

import type {
  GoalResult,
  Instance,
  Result,
  ResultOptions,
  Second,
} from "../../result/result.ts";
import { thisHost } from "../../result/this-host.ts";
import { byPercentile } from "../../result/percentiles.ts";
import { TimeCounts, type Times, timesOf } from "../../result/times.ts";
import { formatUrl } from "../../address/endpoint.ts";
import { type Goal, judge } from "./goals.ts";
import type { LoadOptions } from "../options.ts";
import { rateOf } from "./rate.ts";
import { reasonsOf, type Unmet } from "./reasons.ts";
import type { Run } from "../run.ts";
import type { PackedSecond } from "../worker/tally.ts";
import {
  type Figures,
  missingPercentiles,
  neverDue,
  warningsOf,
} from "./warnings.ts";

function secondOf(
  { second, messages, errors, unanswered, latency }: PackedSecond,
  { size }: LoadOptions,
  run: Times,
): Second {
  const times = TimeCounts.unpack(latency);
  const above = (us: number | null) =>
    us === null ? null : times.above(us) + unanswered;
  return {
    second,
    messages,
    bytes: messages * size,
    p50: times.percentile(50, unanswered),
    p99: times.percentile(99, unanswered),
    errors,
    unanswered,
    above: byPercentile((key) => above(run[key])),
  };
}

function optionsOf(options: LoadOptions): ResultOptions {
  const { until } = options;
  return {
    connections: options.connections,
    size: options.size,
    pipeline: options.pipeline,
    duration: "duration" in until ? until.duration / 1000 : null,
    messages: "messages" in until ? until.messages : null,
    rate: options.rate ?? null,
    arrivals: options.arrivals,
    warmup: options.warmup / 1000,
    ramp: options.ramp / 1000,
    workers: options.workers,
  };
}

/** What did not come back, or could not be sent: all of it is slower than the rest. */
function unmetOf(run: Run): Unmet {
  const { sent, received, unsent } = run.tally;
  return { unanswered: sent - received, unsent: unsent + neverDue(run) };
}

/** Of that, what nobody who interrupted the run is the reason for. */
function failedOf(run: Run): Unmet {
  const { unanswered, unsent } = unmetOf(run);
  const { cutInFlight, cutUnsent } = run.tally;
  return { unanswered: unanswered - cutInFlight, unsent: unsent - cutUnsent };
}

function figuresOf(run: Run, latency: Times): Figures {
  const { options, tally } = run;
  const planned = options.rate ?? null;
  const rate = rateOf(run);
  const { unanswered } = unmetOf(run);
  return {
    options: optionsOf(options),
    seconds: Math.round(tally.seconds * 1000) / 1000,
    rate: {
      planned,
      messages: rate,
      bytes: Math.round(rate * options.size * 1000) / 1000,
    },
    latency,
    service:
      planned === null
        ? latency
        : timesOf(tally.service.toHistogram(), unanswered),
  };
}

function connectionsOf({ options, tally }: Run): Result["connections"] {
  return {
    planned: options.connections,
    opened: tally.opened,
    lost: tally.lost,
    served: tally.served,
    latency: timesOf(tally.connect.toHistogram()),
    firstByte: timesOf(tally.firstByte.toHistogram()),
  };
}

/** Null where the server does not cooperate. */
function instancesOf({ tally }: Run): Instance[] | null {
  const all = Array.from(
    tally.instances,
    ([instance, { host, connections, unanswered, latency }]) => ({
      instance,
      host,
      connections,
      messages: latency.total,
      latency: timesOf(latency.toHistogram(), unanswered),
    }),
  );
  return all.length > 0 ? all : null;
}

/** @param latency of the messages that came back, in microseconds */
function judgeAll(
  goals: readonly Goal[],
  run: Run,
  latency: Histogram,
): GoalResult[] {
  const { unanswered, unsent } = unmetOf(run);
  const failed = failedOf(run);
  const errors = {
    unmet: unanswered + unsent,
    all: Math.max(failed.unanswered + failed.unsent, run.tally.failed),
  };
  return goals.map((goal) => judge(goal, latency, errors));
}

/**
 * @param goals what the run must reach
 * @param command the command line that makes it again
 * @param label what the run is called
 */
export function resultOf(
  run: Run,
  goals: readonly Goal[],
  command: string,
  label: string | null = null,
): Result {
  const { options, reply, tally, seconds } = run;
  const { target, size } = options;
  const histogram = tally.latency.toHistogram();
  const unmet = unmetOf(run);
  const { unanswered } = unmet;
  const latency = timesOf(histogram, unanswered + unmet.unsent);
  const figures = figuresOf(run, latency);
  const judged = judgeAll(goals, run, histogram);
  const tolerant = goals.some(({ of }) => of === "errors");
  const reasons = reasonsOf(run, failedOf(run), judged, tolerant);

  return {
    version: 1,
    kind: "load",
    runs: [crypto.randomUUID()],
    target: formatUrl(target),
    reply,
    command,
    started: new Date(tally.startedAt).toISOString(),
    ...figures,
    connections: connectionsOf(run),
    messages: { sent: tally.sent, received: tally.received, unanswered },
    bytes: {
      sent: tally.sent * size,
      received: tally.received * size,
      mismatched: tally.mismatched,
    },
    pacing: timesOf(tally.pacing.toHistogram()),
    instances: instancesOf(run),
    errors: Object.fromEntries(tally.errors),
    failures: tally.failures,
    faults: tally.faults,
    warnings: [
      ...warningsOf(run, figures),
      ...missingPercentiles(latency, goals),
    ],
    series: seconds.map((second) => secondOf(second, options, latency)),
    goals: judged,
    search: null,
    host: thisHost(),
    label,
    verdict: reasons.length === 0 ? "pass" : "fail",
    reasons,
  };
}
