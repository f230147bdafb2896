/// <reference types="bun-types" preserve="true" />
/** Sounder as a library: an echo server, and connections to one. */
export { connect } from "./client/connect.ts";
export type { Connection } from "./client/connection.ts";
export type { ConnectOptions } from "./client/options.ts";
export type { Ended, ServerHooks } from "./server/hooks.ts";
export type { Rejected, Rejection } from "./inbound/rejection.ts";
export type { ServerOptions, StopOptions } from "./server/options.ts";
export type { Cause } from "./server/peer.ts";
export type { ReplyKind } from "./protocol/reply.ts";
export { type Server, startServer } from "./server/server.ts";
export type { Tally } from "./server/tally.ts";
export type { ErrorCode } from "./errors/codes.ts";
export {
  type Endpoint,
  formatEndpoint,
  type Listenable,
  parseEndpoint,
} from "./address/endpoint.ts";
export { SounderError } from "./errors/errors.ts";
export type { ClientTls } from "./socket/tls/client.ts";
export type { ServerTls } from "./inbound/layers/tls.ts";
export { Tracer } from "./socket/trace/tracer.ts";
export type { Unready } from "./status/readiness.ts";
export type {
  Counts,
  PeerQuery,
  PeerView,
  Snapshot,
} from "./status/snapshot.ts";
