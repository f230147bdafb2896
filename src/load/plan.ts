import type { Approach } from "../socket/dial/dial.ts";
import type { Endpoint } from "../address/endpoint.ts";
import {
  type LoadOptions,
  messagesOf,
  type Share,
  shareOf,
} from "./options.ts";
import {
  evenSchedule,
  poissonSchedule,
  type Schedule,
} from "./pacer/schedule.ts";
import type { ReplyKind } from "../protocol/reply.ts";

/**
 * What one worker is to do: plain data, so that it can be sent to a process.
 * Times are milliseconds.
 */
export interface Plan {
  /** An address, not a name, so that all connections go to the same place. */
  address: Endpoint;
  /** As it was named. */
  target: Endpoint;
  approach: Approach;
  reply: ReplyKind;
  connections: Share;
  /** Connections that are being opened at one time, or opened again. */
  openingAtOnce: number;
  /** Messages that count; undefined where `duration` decides. */
  messages: number | undefined;
  duration: number | undefined;
  size: number;
  pipeline: number;
  /** Of all workers together. */
  rate: number | undefined;
  arrivals: "even" | "poisson";
  warmup: number;
  ramp: number;
  connectTimeout: number;
  timeout: number;
  reconnect: boolean;
  seed: number;
}

/** Those beyond a server's backlog would wait a second for their next SYN. */
const OPENING_AT_ONCE = 128;

export function plansOf(
  options: LoadOptions,
  address: Endpoint,
  reply: ReplyKind,
): Plan[] {
  const { until, workers, connections: total } = options;
  const messages = "messages" in until ? until.messages : undefined;
  const duration = "duration" in until ? until.duration : undefined;
  return Array.from({ length: workers }, (_, worker) => {
    const connections = shareOf(total, worker, workers);
    return {
      address,
      target: options.target,
      approach: options.approach,
      reply,
      connections,
      openingAtOnce: Math.ceil(OPENING_AT_ONCE / workers),
      messages:
        messages === undefined ? undefined : messagesOf(messages, connections),
      duration,
      size: options.size,
      pipeline: options.pipeline,
      rate: options.rate,
      arrivals: options.arrivals,
      warmup: options.warmup,
      ramp: options.ramp,
      connectTimeout: options.connectTimeout,
      timeout: options.timeout,
      reconnect: options.reconnect,
      seed: options.seed,
    };
  });
}

/** Undefined in a closed loop. */
export function scheduleOf(plan: Plan): Schedule | undefined {
  const { rate, ramp, connections, seed } = plan;
  if (rate === undefined) return undefined;
  return plan.arrivals === "even"
    ? evenSchedule(rate, ramp, connections)
    : poissonSchedule(rate, ramp, connections, seed);
}
