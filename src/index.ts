/// <reference types="bun-types" preserve="true" />
/** Sounder as a library: an echo server, and connections to one. */
export { connect, type ConnectOptions } from "./client/connect.ts";
export type { Connection } from "./client/connection.ts";
export type { Ended, Rejected, ServerHooks } from "./server/hooks.ts";
export {
  type Server,
  type ServerOptions,
  startServer,
  type StopOptions,
} from "./server/server.ts";
export type { Tally } from "./server/tally.ts";
export {
  type Endpoint,
  formatEndpoint,
  parseEndpoint,
} from "./socket/endpoint.ts";
export type { ErrorCode } from "./socket/codes.ts";
export { SounderError } from "./socket/errors.ts";
export { Tracer } from "./socket/trace.ts";
