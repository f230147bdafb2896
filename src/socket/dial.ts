import type { Endpoint } from "./endpoint.ts";
import { Reason, SounderError } from "./errors.ts";
import { explain } from "./explain.ts";
import { withProxyHeader } from "./send-proxy.ts";
import { type ClientTls, clientOptions, secureClient } from "./tls.ts";
import type { Tracer } from "./trace.ts";
import { kernelName } from "./unix.ts";
import type { Wire, WireHandlers } from "./wire.ts";

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
   * @returns the socket, perhaps before `open` (TLS has not begun by then); it
   * rejects if there is no connection at all
   */
  dial(address: Endpoint, data: Data): Promise<Pick<Wire, "terminate">>;
}

/**
 * @param target the endpoint as it was named: a certificate is for its host
 * @param handlers see a socket from where its own bytes begin
 * @param failed is told of a socket that opened and did not get there
 * @throws SounderError if the approach is impossible
 */
export function dialler<Data>(
  target: Endpoint,
  { tls = {}, sendProxy }: Approach,
  handlers: WireHandlers<Data>,
  failed: (wire: Wire<Data>, error: Error) => void,
  tracer?: Tracer,
): Dialler<Data> {
  const secure = target.kind === "tls";
  if (secure && sendProxy !== undefined) {
    throw new SounderError(
      "a PROXY header can't be sent to tls://: it would come before TLS",
      "ENOTSUP",
    );
  }
  const inside =
    sendProxy === undefined ? handlers : withProxyHeader(handlers, sendProxy);
  const outside = secure ? secureClient(inside, tls, failed, tracer) : inside;
  const options = {
    // Bun types `data` as set before `open`; ours may be set in `open`.
    socket: notItself(outside, failed) as unknown as Bun.SocketHandler<Data>,
    allowHalfOpen: true,
    ...(secure && { tls: clientOptions(tls, target.host || "localhost") }),
  };
  return {
    async dial(address, data) {
      try {
        if (address.kind === "unix") {
          const unix = kernelName(address.path);
          return await Bun.connect({ ...options, unix, data });
        }
        const { host: hostname, port } = address;
        return await Bun.connect({ ...options, hostname, port, data });
      } catch (error) {
        throw explain(address, error, "connect");
      }
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
