import type { Approach } from "../socket/dial/dial.ts";
import type { Endpoint } from "../address/endpoint.ts";
import type { ReplyKind } from "../protocol/reply.ts";

/** What a load is. Times are milliseconds, rates messages a second. */
export interface LoadOptions {
  target: Endpoint;
  /** What lies between a socket and its messages. */
  approach: Approach;
  connections: number;
  /** How long to measure, or how many messages. */
  until: { duration: number } | { messages: number };
  /** Bytes of a message. */
  size: number;
  /** Messages in flight on a connection. */
  pipeline: number;
  /** An open loop, all connections together; without it, as fast as answers. */
  rate: number | undefined;
  arrivals: "even" | "poisson";
  /** Traffic before measuring begins. */
  warmup: number;
  /** Over how long connections are opened and the rate is raised. */
  ramp: number;
  /** Processes that make the load. */
  workers: number;
  connectTimeout: number;
  /** A message unanswered for so long is given up, with its connection. */
  timeout: number;
  reply: "auto" | ReplyKind;
  /** Whether a lost connection is replaced. */
  reconnect: boolean;
  seed: number;
}

export const DEFAULTS: Omit<LoadOptions, "target"> = {
  approach: {},
  connections: 64,
  until: { duration: 10_000 },
  size: 64,
  pipeline: 1,
  rate: undefined,
  arrivals: "even",
  warmup: 1000,
  ramp: 0,
  workers: 1,
  connectTimeout: 10_000,
  timeout: 10_000,
  reply: "auto",
  reconnect: true,
  seed: 1,
};

/** Which of a number of things, in order, one worker has. */
export interface Share {
  first: number;
  count: number;
  /** How many there are in all. */
  of: number;
}

/** Shares that differ by one at most: 10 among 3 are 4, 3 and 3. */
export function shareOf(total: number, worker: number, workers: number): Share {
  const size = Math.floor(total / workers);
  const larger = total % workers;
  return {
    first: worker * size + Math.min(worker, larger),
    count: size + (worker < larger ? 1 : 0),
    of: total,
  };
}

/** How many of the first `messages`, dealt to connections in turn, are ours. */
export function messagesOf(
  messages: number,
  { first, count, of }: Share,
): number {
  const last = Math.min(Math.max((messages % of) - first, 0), count);
  return Math.floor(messages / of) * count + last;
}
