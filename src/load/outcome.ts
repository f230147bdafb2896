import { availableParallelism, hostname } from "node:os";

import { version } from "../../package.json" with { type: "json" };
import type { Host, Result, ResultOptions, Second } from "../result/result.ts";
import { byPercentile } from "../result/percentiles.ts";
import { TimeCounts, type Times, timesOf } from "../result/times.ts";
import { formatEndpoint } from "../address/endpoint.ts";
import { type Goal, judge } from "./goals.ts";
import type { LoadOptions } from "./options.ts";
import { rateOf } from "./rate.ts";
import { reasonsOf } from "./reasons.ts";
import type { Run } from "./run.ts";
import type { PackedSecond } from "./tally.ts";
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
  const unanswered = tally.sent - tally.received;
  const unsent = tally.unsent + neverDue(run);
  const unmet = unanswered + unsent;
  const latency = timesOf(histogram, unmet);
  const errors = { unmet, all: Math.max(unmet, tally.failed) };
  const judged = goals.map((goal) => judge(goal, histogram, errors));
  const tolerant = goals.some(({ of }) => of === "errors");
  const reasons = reasonsOf(run, { unanswered, unsent }, judged, tolerant);
  const rate = rateOf(run);

  const figures: Figures = {
    options: optionsOf(options),
    seconds: Math.round(tally.seconds * 1000) / 1000,
    rate: {
      planned: options.rate ?? null,
      messages: rate,
      bytes: Math.round(rate * size * 1000) / 1000,
    },
    latency,
    service:
      options.rate === undefined
        ? latency
        : timesOf(tally.service.toHistogram(), unanswered),
  };

  return {
    version: 1,
    kind: "load",
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
      served: tally.served,
      latency: timesOf(tally.connect.toHistogram()),
      firstByte: timesOf(tally.firstByte.toHistogram()),
    },
    messages: { sent: tally.sent, received: tally.received, unanswered },
    bytes: {
      sent: tally.sent * size,
      received: tally.received * size,
      mismatched: tally.mismatched,
    },
    pacing: timesOf(tally.pacing.toHistogram()),
    instances: null,
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

/** This machine, and what makes the load on it. */
function thisHost(): Host {
  return {
    name: hostname(),
    cores: availableParallelism(),
    sounder: version,
    bun: Bun.version,
  };
}
