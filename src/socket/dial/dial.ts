import type { Endpoint } from "../../address/endpoint.ts";
import { Reason } from "../../errors/errors.ts";
import { explain } from "../explain.ts";
import { Facade } from "../facade.ts";
import type { AnyHandlers } from "../layer.ts";
import { type HeaderOf, ownHeader, withProxyHeader } from "./send-proxy.ts";
import { type ClientTls, secureClient } from "../tls/client.ts";
import type { Tracer } from "../trace/tracer.ts";
import { traceConnect } from "../trace/ends.ts";
import { traced } from "../trace/traced.ts";
import { kernelName, unixPlace } from "../bind/unix.ts";
import { bunHandlers, type Wire, type WireHandlers } from "../wire.ts";

/** What lies between a client's socket and its bytes. Plain data. */
export interface Approach {
  /** For `tls://` endpoints. */
  tls?: ClientTls | undefined;
  /** The version of a PROXY header to begin with. */
  sendProxy?: 1 | 2 | undefined;
}

/**
 * Opens sockets, one after the other, that one set of handlers serves. Bun has
 * neither a time limit for it nor a way to stop it: whoever waits no longer
 * closes the socket in `open`.
 */
export interface Dialler<Data> {
  /**
   * @returns the socket, perhaps before `open`; it rejects if there is no
   * connection at all
   */
  dial(address: Endpoint, data: Data): Promise<Pick<Wire, "terminate">>;
}

/**
 * @param target the endpoint as it was named: a certificate is for its host
 * @param header the PROXY header of a socket, where one is to be sent
 * @param handlers see a socket from where its own bytes begin
 * @param failed is told of a socket that opened and did not get there
 */
export function dialler<Data>(
  target: Endpoint,
  approach: Approach,
  handlers: WireHandlers<Data>,
  failed: (wire: Wire<Data>, error: Error) => void,
  tracer?: Tracer,
  header: HeaderOf = ownHeader,
): Dialler<Data> {
  const options = {
    socket: bunHandlers(
      notItself(
        approached(target, approach, handlers, failed, header, tracer),
        failed as (wire: Wire<never>, error: Error) => void,
      ),
    ),
    allowHalfOpen: true,
  };
  return {
    async dial(address, data) {
      try {
        return closable(
          await open(address, { ...options, data: data as undefined }),
        );
      } catch (error) {
        throw explain(address, error, "connect");
      }
    },
  };
}

function open(
  address: Endpoint,
  options: { socket: Bun.SocketHandler<undefined>; data: undefined },
): Promise<Bun.Socket> {
  switch (address.kind) {
    case "unix":
      return Bun.connect({
        ...options,
        ...unixPlace(kernelName(address.path), "connect"),
      });
    case "tcp":
    case "tls": {
      const { host: hostname, port } = address;
      return Bun.connect({ ...options, hostname, port });
    }
  }
}

/** Once TLS has begun on a socket, it is not the one to be closed any more. */
function closable(socket: { data: unknown; terminate(): void }) {
  return {
    terminate() {
      const { data } = socket;
      (data instanceof Facade ? data : socket).terminate();
    },
  };
}

/**
 * Handlers that refuse a connection to itself: the kernel may choose the port
 * that is dialled as our own, and then TCP connects without any server.
 */
function notItself<Data>(
  handlers: WireHandlers<Data>,
  failed: (wire: Wire<Data>, error: Error) => void,
): WireHandlers<Data> {
  const refused = new WeakSet<Wire<Data>>();
  return {
    ...handlers,
    open(wire) {
      const { localPort, remotePort, localAddress, remoteAddress } = wire;
      const itself = localPort === remotePort && localAddress === remoteAddress;
      if (localPort === undefined || !itself) return handlers.open(wire);
      refused.add(wire);
      failed(wire, new Reason("ECONNREFUSED"));
      wire.terminate();
    },
    close(wire, error) {
      if (!refused.has(wire)) handlers.close(wire, error);
    },
  };
}

/** Puts what the approach asks for before `handlers`, the innermost first. */
function approached<Data>(
  target: Endpoint,
  { tls = {}, sendProxy }: Approach,
  inner: WireHandlers<Data>,
  failed: (wire: Wire<Data>, error: Error) => void,
  header: HeaderOf,
  tracer: Tracer | undefined,
): AnyHandlers {
  // None of them knows what the others keep in a socket's data.
  let handlers = inner as AnyHandlers;
  if (tracer !== undefined) handlers = traced(tracer).wrap(handlers);
  if (target.kind === "tls") {
    handlers = secureClient(handlers as WireHandlers<unknown>, {
      tls,
      host: target.host || "localhost",
      failed: failed as (wire: Wire, error: Error) => void,
      tracer,
    }) as unknown as AnyHandlers;
  }
  if (sendProxy !== undefined) {
    handlers = withProxyHeader(handlers, sendProxy, header, tracer);
  }
  return tracer === undefined ? handlers : traceConnect(tracer).wrap(handlers);
}
