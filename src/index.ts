/// <reference types="bun-types" preserve="true" />
/**
 * Sounder as a library: an echo server, connections to one, a measured load, and
 * a proxy with faults.
 */
export {
  type Endpoint,
  formatEndpoint,
  type GivenSocket,
  type Listenable,
  parseEndpoint,
  type TcpEndpoint,
  type UnixEndpoint,
} from "./address/endpoint.ts";
export { check, type CheckOptions } from "./check/check.ts";
export type {
  CheckName,
  Finding,
  NamedFinding,
  Rating,
} from "./check/finding.ts";
export type { CheckResult, Expectation } from "./check/result.ts";
export { connect } from "./client/connect.ts";
export type { Connection } from "./client/connection.ts";
export type { WaitOptions } from "./client/incoming.ts";
export type { ConnectOptions } from "./client/options.ts";
export type { ErrorCode } from "./errors/codes.ts";
export { SounderError } from "./errors/errors.ts";
export type { FaultEvent } from "./faults/link.ts";
export type { AdmissionOptions } from "./inbound/admission.ts";
export type { InboundHooks } from "./inbound/hooks.ts";
export type { IdleTimeoutsOptions } from "./inbound/idle-timeouts.ts";
export type { ProxyRejection } from "./inbound/layers/proxied.ts";
export type { ServerTls, TlsRejection } from "./inbound/layers/tls.ts";
export type { DrainOptions, StopOptions } from "./inbound/options.ts";
export type { PermitsOptions, Refusal } from "./inbound/permits.ts";
export type { Rejected, Rejection } from "./inbound/rejection.ts";
export type { TcpInfo, TcpState } from "./kernel/tcp-info.ts";
export { load, type LoadCallOptions } from "./load/load.ts";
export type { ReplyKind } from "./protocol/reply.ts";
export type { ProxyEnded, ProxyHooks } from "./proxy/hooks.ts";
export type { ProxyOptions } from "./proxy/options.ts";
export type { ProxyCause } from "./proxy/pair.ts";
export type { ProxyTally } from "./proxy/pairs.ts";
export { type Proxy, startProxy } from "./proxy/proxy.ts";
export type { ServerConnection } from "./server/connections.ts";
export type {
  Above,
  Failure,
  GoalResult,
  Host,
  Instance,
  Mismatch,
  Result,
  ResultOptions,
  Search,
  SearchStep,
  Second,
} from "./result/result.ts";
export type { Percentile } from "./result/percentiles.ts";
export type { Times } from "./result/times.ts";
export type { Ended, ServerEvent, ServerHooks } from "./server/hooks.ts";
export type { ServerOptions } from "./server/options.ts";
export type { Cause } from "./server/peer.ts";
export type { EventOptions, Server } from "./server/public.ts";
export { startServer } from "./server/server.ts";
export type { Tally } from "./server/tally.ts";
export type { ClientTls } from "./socket/tls/client.ts";
export type { TlsSession } from "./socket/wire.ts";
export type { Facts, Side, Step, TraceEvent } from "./socket/trace/event.ts";
export { Tracer } from "./socket/trace/tracer.ts";
export type { Counts, Limits, Snapshot } from "./status/metrics.ts";
export type { PeerQuery, PeerView, Sort, SortKey } from "./status/peers.ts";
export type { Unready } from "./status/readiness.ts";
