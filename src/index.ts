/// <reference types="bun-types" preserve="true" />
/** Sounder as a library: an echo server, and connections to one. */
export { connect } from "./client/connect.ts";
export type { Connection } from "./client/connection.ts";
export type { ConnectOptions } from "./client/options.ts";
export type { Ended, Rejected, ServerHooks } from "./server/hooks.ts";
export type { ServerOptions, StopOptions } from "./server/options.ts";
export { type Server, startServer } from "./server/server.ts";
export type { Tally } from "./server/tally.ts";
export {
  type Endpoint,
  formatEndpoint,
  parseEndpoint,
} from "./socket/endpoint.ts";
export type { ErrorCode } from "./socket/codes.ts";
export { SounderError } from "./socket/errors.ts";
export { Tracer } from "./socket/trace.ts";
