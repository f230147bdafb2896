import type { Listenable } from "../address/endpoint.ts";
import { type Check, isNumber, isText, optional } from "../checks.ts";
import type { ServerHooks } from "../server/hooks.ts";
import type { ServerTls } from "../inbound/layers/tls.ts";
import {
  checkQuery,
  checkStop,
  type DrainOptions,
} from "../inbound/options.ts";
import { checkPart, type ServerOptions } from "../server/options.ts";
import type { PeerQuery } from "../status/peers.ts";
import { isUnready } from "../status/readiness.ts";
import { isCounts, isSnapshot } from "../status/snapshot.ts";
import { SERVER_WORKER } from "../workers/commands.ts";
import type { FromWorker, Protocol, ToWorker } from "../workers/messages.ts";

/** Milliseconds from one heartbeat of a worker to the next. */
export const HEARTBEAT_EVERY = 1000;

/** What can be told to another process of a server's options. */
export interface ClusterOptions extends Omit<
  ServerOptions,
  keyof ServerHooks | "trace" | "addresses"
> {
  addresses: readonly Listenable[];
  /** For whoever makes the worker's log; not for the server. */
  log: string;
  /** How a worker stops whose parent is gone. */
  orphaned: DrainOptions;
}

function isOptions(value: unknown): value is ClusterOptions {
  const { log, orphaned, ...part } = (value ?? {}) as ClusterOptions;
  checkPart(part);
  checkStop(orphaned);
  return isText(log);
}

function isTls(value: unknown): value is ServerTls {
  const { cert, key } = (value ?? {}) as Partial<ServerTls>;
  return isText(cert) && isText(key);
}

/** For what a server checks itself, and complains of by throwing. */
function passes<Value>(check: (value: Value) => void): Check<Value> {
  return (value): value is Value => {
    check(value as Value);
    return true;
  };
}

/** What the first process of a cluster and its workers say to each other. */
export const CLUSTER = {
  command: SERVER_WORKER,
  toWorker: {
    serve: { worker: isNumber, options: isOptions },
    tls: { tls: isTls },
    snapshot: { question: isNumber, query: passes<PeerQuery>(checkQuery) },
    counts: { question: isNumber },
    stop: { options: passes<DrainOptions>(checkStop) },
  },
  fromWorker: {
    serving: {},
    /** Every so often, without being asked: it is not stuck, and how it is. */
    heartbeat: {
      unready: optional(isUnready),
      counts: isCounts,
    },
    snapshot: { question: isNumber, snapshot: isSnapshot },
    counts: { question: isNumber, counts: isCounts },
    stopped: { reset: isNumber },
  },
} satisfies Protocol;

export type ToServer = ToWorker<typeof CLUSTER>;
export type FromServer = FromWorker<typeof CLUSTER>;
