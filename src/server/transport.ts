import type { Listenable } from "../socket/endpoint.ts";
import { SounderError } from "../socket/errors.ts";
import { proxied, type ProxyRejection } from "../socket/proxied.ts";
import { secureServer, type ServerTls } from "../socket/tls.ts";
import { traced, type Tracer } from "../socket/trace.ts";
import type { WireHandlers } from "../socket/wire.ts";
import type { Peer } from "./peer.ts";

export interface TransportOptions {
  /** The identity of the moment. */
  tls(): ServerTls;
  proxyProtocol: boolean;
  /** Whether an address is a proxy to be believed. */
  isProxy(address: string): boolean;
  reject(reason: ProxyRejection | "tls-failed" | "tls-late"): void;
  trace: Tracer | undefined;
}

/** What lies between a kind of socket and the echo. */
export interface Transport {
  handlersFor(endpoint: Listenable): WireHandlers<never>;
  /** From now on what has not come as far as the echo has so long. */
  hurry(timeout: number): void;
  /** Ends what has not come so far. @returns how many there were */
  stop(): number;
}

/** Puts the trace, TLS and the PROXY header around the echo's handlers. */
export function layered(
  echo: WireHandlers<Peer>,
  { tls, proxyProtocol, isProxy, reject, trace }: TransportOptions,
): Transport {
  // None of them knows what the others keep in a socket's data.
  type Any = WireHandlers<never>;
  const plain = (trace === undefined ? echo : traced(echo, trace)) as Any;
  const proxy = proxyProtocol
    ? proxied(plain, { allowed: isProxy, rejected: reject })
    : undefined;
  const secure = secureServer(plain, tls, { rejected: reject, tracer: trace });

  return {
    handlersFor({ kind }) {
      if (kind !== "tls") return (proxy?.handlers ?? plain) as Any;
      if (proxy === undefined) return secure.handlers as Any;
      throw new SounderError(
        "cannot listen on tls:// with --proxy-protocol: end TLS at the proxy, " +
          "or leave one of them away (ENOTSUP)",
        "ENOTSUP",
      );
    },
    hurry(timeout) {
      proxy?.hurry(timeout);
      secure.hurry(timeout);
    },
    stop: () => (proxy?.stop() ?? 0) + secure.stop(),
  };
}
