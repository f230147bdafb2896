import { isSecure, type Listenable } from "../../address/endpoint.ts";
import type { Layer } from "../../socket/layer.ts";
import { traced } from "../../socket/trace/traced.ts";
import type { Tracer } from "../../socket/trace/tracer.ts";
import type { Permits } from "../permits.ts";
import type { Rejection } from "../rejection.ts";
import { admits, admitsClients, admitsProxies } from "./gate.ts";
import type { RejectionHook } from "./held-back.ts";
import { proxied } from "./proxied.ts";
import { type Identity, secureServer } from "./tls.ts";
import { traceAccept } from "./trace-accept.ts";

export interface LayerOptions {
  permits: Permits;
  tls: Identity;
  proxyProtocol: boolean;
  /** Whether an address is a trusted proxy. */
  isProxy(address: string): boolean;
  reject: RejectionHook<Rejection>;
  trace: Tracer | undefined;
  /** Before TLS, of connections whose client is known. */
  known?: ((place: Listenable) => readonly Layer[]) | undefined;
  /** Last before the handlers. */
  last?: readonly Layer[] | undefined;
}

/**
 * The layers between the sockets of an address and the handlers, the outermost
 * first: a new one has its place here. Who is turned away costs neither a
 * handshake nor a wait for a header. What is to see TLS's own bytes lies before
 * it, what is to see what a peer says, behind it.
 */
export function layerOrder({
  permits,
  tls,
  proxyProtocol,
  isProxy,
  reject,
  trace,
  known = () => [],
  last = [],
}: LayerOptions): (place: Listenable) => readonly Layer[] {
  // One of each serves all addresses: its deadlines are of all connections.
  const accepted = trace === undefined ? [] : [traceAccept(trace)];
  const admitted = proxyProtocol
    ? [
        admitsProxies(permits, reject),
        proxied({ allowed: isProxy, rejected: reject, tracer: trace }),
        admitsClients(reject),
      ]
    : [admits(permits, reject)];
  const secured = secureServer(tls, { rejected: reject, tracer: trace });
  const steps = trace === undefined ? [] : [traced(trace)];

  return (place) => [
    ...accepted,
    ...admitted,
    ...known(place),
    ...(isSecure(place) ? [secured] : []),
    ...steps,
    ...last,
  ];
}
