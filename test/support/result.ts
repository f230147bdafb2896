import { random } from "../../src/load/random.ts";
import { byPercentile } from "../../src/result/percentiles.ts";
import type { Above, Result, Second } from "../../src/result/result.ts";
import {
  newHistogram,
  percentile,
  TimeCounts,
  type Times,
  timesOf,
} from "../../src/result/times.ts";

const SIZE = 64;

export function histogramOf(samples: readonly number[]) {
  const counts = new TimeCounts();
  for (const sample of samples) counts.record(sample);
  return counts.toHistogram();
}

/** How many of them never came back: they took for ever. */
function unansweredIn(samples: readonly number[]): number {
  return samples.filter((us) => us === Infinity).length;
}

function latencyOf(samples: readonly number[]): Times {
  const histogram = histogramOf(samples.filter(Number.isFinite));
  return timesOf(histogram, unansweredIn(samples));
}

export function timesOfSamples(samples: readonly number[]): Times {
  return timesOf(histogramOf(samples));
}

function aboveOf(second: readonly number[], run: Times): Above {
  const above = (us: number | null) =>
    us === null ? null : second.filter((one) => one > us).length;
  return byPercentile((key) => above(run[key]));
}

function secondOf(second: number, of: readonly number[], run: Times): Second {
  const histogram = histogramOf(of.filter(Number.isFinite));
  const unanswered = unansweredIn(of);
  const messages = of.length - unanswered;
  return {
    second,
    messages,
    bytes: messages * SIZE,
    p50: percentile(histogram, 50, unanswered),
    p99: percentile(histogram, 99, unanswered),
    errors: 0,
    unanswered,
    above: aboveOf(of, run),
  };
}

/**
 * The result of a run whose messages took so many microseconds, second by
 * second; an infinite time is that of one without an answer. What is given
 * besides takes the place of what follows from those.
 */
export function resultOf(
  seconds: readonly (readonly number[])[],
  instead: Partial<Result> = {},
): Result {
  const samples = seconds.flat();
  const sent = samples.length;
  const unanswered = unansweredIn(samples);
  const received = sent - unanswered;
  const latency = latencyOf(samples);
  const none = timesOf(newHistogram());
  return {
    version: 1,
    kind: "load",
    target: "tcp://127.0.0.1:21567",
    reply: "raw",
    options: {
      connections: 64,
      size: SIZE,
      pipeline: 1,
      duration: seconds.length,
      messages: null,
      rate: null,
      arrivals: "even",
      warmup: 1,
      ramp: 0,
      workers: 1,
    },
    command: `sounder load 127.0.0.1:21567 --duration ${seconds.length}s`,
    started: "2026-11-01T09:05:07.123Z",
    seconds: seconds.length,
    connections: {
      planned: 64,
      opened: 64,
      lost: 0,
      latency: timesOfSamples([120, 140, 155, 180, 240]),
      firstByte: timesOfSamples([90, 95, 110, 160, 420]),
    },
    messages: { sent, received, unanswered },
    bytes: { sent: sent * SIZE, received: received * SIZE, mismatched: 0 },
    rate: {
      planned: null,
      messages: received / seconds.length,
      bytes: (received * SIZE) / seconds.length,
    },
    latency,
    service: latency,
    pacing: none,
    instances: null,
    errors: {},
    faults: [],
    warnings: [],
    series: seconds.map((of, index) => secondOf(index + 1, of, latency)),
    goals: [],
    search: null,
    host: { name: "sea", cores: 2, sounder: "0.2.0", bun: "1.4.5" },
    label: null,
    verdict: "pass",
    ...instead,
  };
}

export interface Service {
  seed?: number;
  seconds?: number;
  messages?: number;
  /** Microseconds. */
  median?: number;
  /** Of the times' logarithm. */
  sigma?: number;
  /** How much the seconds' medians differ, of the logarithm too. */
  drift?: number;
  /** How much each second's median has of the one before: below 1. */
  rho?: number;
  /** In which share of the seconds the server pauses, and for how many us. */
  pauses?: number;
  pause?: number;
}

function normal(uniform: () => number): number {
  return (
    Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())
  );
}

/** Draws normal values, each correlated by `rho` with the one before. */
export function resembling(rho: number, uniform: () => number): () => number {
  let before: number | undefined;
  return () => {
    const fresh = normal(uniform);
    before =
      before === undefined
        ? fresh
        : rho * before + Math.sqrt(1 - rho ** 2) * fresh;
    return before;
  };
}

/** Times as servers have them, log-normal, second by second. */
export function serviceTimes({
  seed = 1,
  seconds = 10,
  messages = 2000,
  median = 80,
  sigma = 0.25,
  drift = 0,
  rho = 0,
  pauses = 0,
  pause = 30_000,
}: Service = {}): number[][] {
  const uniform = random(seed);
  const level = resembling(rho, uniform);
  return Array.from({ length: seconds }, () => {
    const centre = median * Math.exp(drift * level());
    const times = Array.from({ length: messages }, () =>
      Math.round(centre * Math.exp(sigma * normal(uniform))),
    );
    if (pauses > 0 && uniform() < pauses) stall(times, pause, uniform());
    return times;
  });
}

/** Messages that are due in a pause wait for its end. */
function stall(times: number[], pause: number, at: number): void {
  const held = Math.round((times.length * pause) / 1e6);
  const first = Math.floor(at * (times.length - held));
  for (let index = 0; index < held; index += 1) {
    times[first + index]! += Math.round(pause * (1 - index / held));
  }
}
