import { isSecure, type Listenable } from "../socket/endpoint.ts";
import { SounderError } from "../socket/errors.ts";
import { proxied, type ProxyRejection } from "../socket/proxied.ts";
import { secureServer, type ServerTls } from "../socket/tls.ts";
import { traced, type Tracer } from "../socket/trace.ts";
import { peerName, type Wire, type WireHandlers } from "../socket/wire.ts";
import type { Refusal } from "./admission.ts";
import type { Peer } from "./peer.ts";

export interface TransportOptions {
  /** The identity of the moment. */
  tls(): ServerTls;
  proxyProtocol: boolean;
  /** Whether an address is a proxy to be believed. */
  isProxy(address: string): boolean;
  /**
   * Why a connection is not even looked at.
   * @param address undefined where it is a proxy's
   */
  bar(address: string | undefined): Refusal | undefined;
  /** As bar(); if there is no reason, leave() follows when it is over. */
  enter(address: string | undefined): Refusal | undefined;
  leave(address: string | undefined): void;
  reject(
    reason: Refusal | ProxyRejection | "tls-failed" | "tls-late",
    peer: string,
    why?: string,
  ): void;
  trace: Tracer | undefined;
}

/** What lies between a kind of socket and the echo. */
export interface Transport {
  handlersFor(endpoint: Listenable): WireHandlers<never>;
  /** Connections that have not come as far as the echo. */
  readonly waiting: number;
  /** From now on what has not come as far as the echo has so long. */
  hurry(timeout: number): void;
  /** Ends what has not come so far. @returns how many there were */
  stop(): number;
}

/** Puts the trace, TLS and the PROXY header around the echo's handlers. */
export function layered(
  echo: WireHandlers<Peer>,
  options: TransportOptions,
): Transport {
  const { tls, proxyProtocol, isProxy, bar, reject, trace } = options;
  const { enter, leave } = options;
  // None of them knows what the others keep in a socket's data.
  type Any = WireHandlers<never>;
  const plain = (trace === undefined ? echo : traced(echo, trace)) as Any;
  const proxy = proxyProtocol
    ? proxied(plain, { allowed: isProxy, rejected: reject })
    : undefined;
  const secure = secureServer(plain, tls, {
    rejected: reject,
    settled: leave,
    tracer: trace,
  });

  /** What is turned away costs neither a handshake nor a wait for a header. */
  function guarded<Data>(
    handlers: WireHandlers<Data>,
    refusalOf: (wire: Wire) => Refusal | undefined,
  ): Any {
    return {
      ...handlers,
      open(wire: Wire<Data>) {
        const barred = refusalOf(wire);
        if (barred === undefined) return handlers.open(wire);
        reject(barred, peerName(wire));
        wire.terminate();
      },
      close(wire: Wire<Data>, error?: Error) {
        // One that was turned away has no state.
        if (wire.data !== undefined) handlers.close(wire, error);
      },
    };
  }

  return {
    handlersFor(place) {
      if (!isSecure(place)) {
        return proxy === undefined
          ? plain
          : guarded(proxy.handlers, () => bar(undefined));
      }
      if (proxy === undefined) {
        // A handshake takes its address's place until it is over.
        return guarded(secure.handlers, (wire) => enter(wire.remoteAddress));
      }
      throw new SounderError(
        "cannot listen on tls:// with --proxy-protocol: end TLS at the proxy, " +
          "or leave one of them away",
        "ENOTSUP",
      );
    },
    get waiting() {
      return (proxy?.waiting ?? 0) + secure.waiting;
    },
    hurry(timeout) {
      proxy?.hurry(timeout);
      secure.hurry(timeout);
    },
    stop: () => (proxy?.stop() ?? 0) + secure.stop(),
  };
}
