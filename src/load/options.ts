import type { Endpoint } from "../address/endpoint.ts";
import { isEndpoint } from "../address/given.ts";
import { REPLY_KINDS, type ReplyKind } from "../protocol/reply.ts";
import type { Approach } from "../socket/dial/dial.ts";
import {
  type Check,
  isBoolean,
  isNumber,
  isObject,
  isOneOf,
  objectOf,
  optional,
} from "../checks.ts";

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

const byDuration = objectOf<{ duration: number }>({ duration: isNumber });
const byMessages = objectOf<{ messages: number }>({ messages: isNumber });

/** How each of them is checked that came from another process. */
export const OPTIONS: {
  [Name in keyof LoadOptions]: Check<LoadOptions[Name]>;
} = {
  target: isEndpoint,
  approach: (value): value is Approach => isObject(value),
  connections: isNumber,
  until: (value) => byDuration(value) || byMessages(value),
  size: isNumber,
  pipeline: isNumber,
  rate: optional(isNumber),
  arrivals: isOneOf("even", "poisson"),
  warmup: isNumber,
  ramp: isNumber,
  workers: isNumber,
  connectTimeout: isNumber,
  timeout: isNumber,
  reply: isOneOf("auto", ...REPLY_KINDS),
  reconnect: isBoolean,
  seed: isNumber,
};
