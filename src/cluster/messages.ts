import type { ErrorCode } from "../errors/codes.ts";
import type { Listenable } from "../address/endpoint.ts";
import type { ServerTls } from "../inbound/layers/tls.ts";
import type { Unready } from "../status/readiness.ts";
import type { Counts, PeerQuery, Snapshot } from "../status/snapshot.ts";
import type { ServerHooks } from "../server/hooks.ts";
import type { ServerOptions, StopOptions } from "../server/options.ts";

/** Milliseconds from one beat of a worker to the next. */
export const BEAT_EVERY = 1000;

/** What can be told to another process of a server's options. */
export interface FleetOptions extends Omit<
  ServerOptions,
  keyof ServerHooks | "trace" | "addresses"
> {
  addresses: readonly Listenable[];
  /** For whoever makes the worker's log; not for the server. */
  log: string;
  /** How a worker stops whose parent is gone. */
  orphaned: StopOptions;
}

/** What a worker is told. */
export type Order =
  | { type: "serve"; worker: number; options: FleetOptions }
  | { type: "tls"; tls: ServerTls }
  | { type: "snapshot"; question: number; query: PeerQuery }
  | { type: "counts"; question: number }
  | { type: "stop"; options: StopOptions };

/** What it tells. */
export type Report =
  | { type: "up" }
  | { type: "serving" }
  | { type: "failed"; summary: string; code: ErrorCode }
  /** Every so often, without being asked: it is not stuck, and how it is. */
  | { type: "beat"; unready: Unready | undefined; counts: Counts }
  | { type: "snapshot"; question: number; snapshot: Snapshot }
  | { type: "counts"; question: number; counts: Counts }
  | { type: "stopped"; reset: number };
