import type { Listenable } from "../socket/endpoint.ts";
import type { ServerTls } from "../socket/tls.ts";
import type { PeerQuery, Snapshot } from "../status/snapshot.ts";
import type { ServerOptions, StopOptions } from "./server.ts";

/** What can be told to another process of a server's options. */
export interface FleetOptions extends Omit<
  ServerOptions,
  "onConnect" | "onDisconnect" | "onReject" | "onFiles" | "trace" | "addresses"
> {
  addresses: readonly Listenable[];
  /** For whoever makes the worker's log; not for the server. */
  log: string;
}

/** What a worker is told. */
export type Order =
  | { type: "serve"; worker: number; options: FleetOptions }
  | { type: "tls"; tls: ServerTls }
  | { type: "snapshot"; question: number; query: PeerQuery }
  | { type: "stop"; options: StopOptions };

/** What it tells. */
export type Report =
  | { type: "up" }
  | { type: "serving" }
  | { type: "failed"; message: string; code: string }
  | { type: "snapshot"; question: number; snapshot: Snapshot }
  | { type: "stopped"; reset: number };
