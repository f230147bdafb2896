import type { Endpoint } from "../address/endpoint.ts";
import { isEndpoint } from "../address/given.ts";
import { REPLY_KINDS, type ReplyKind } from "../protocol/reply.ts";
import { isBoolean, isNumber, isOneOf, objectOf, optional } from "../checks.ts";
import { type LoadOptions, OPTIONS } from "./options.ts";

/** Which of a number of things, in order, one worker has. */
export interface Share {
  first: number;
  count: number;
  /** How many there are in all. */
  of: number;
}

/**
 * What one worker is to do: all workers' options, and its share of the
 * connections. Plain data, so that it can be sent to a process.
 */
export interface Plan extends LoadOptions {
  /** An address, not a name, so that all connections go to the same place. */
  address: Endpoint;
  /** What the server was found to answer. */
  reply: ReplyKind;
  /** Whether each connection asks first who serves it. */
  cooperates?: boolean | undefined;
  share: Share;
}

/** Whether another process sent a plan. */
export const isPlan = objectOf<Plan>({
  ...OPTIONS,
  address: isEndpoint,
  reply: isOneOf(...REPLY_KINDS),
  cooperates: optional(isBoolean),
  share: objectOf<Share>({ first: isNumber, count: isNumber, of: isNumber }),
});

export function plansOf(
  options: LoadOptions,
  address: Endpoint,
  reply: ReplyKind,
  cooperates = false,
): Plan[] {
  const { connections, workers } = options;
  return Array.from({ length: workers }, (_, worker) => {
    const share = shareOf(connections, worker, workers);
    return { ...options, address, reply, cooperates, share };
  });
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
