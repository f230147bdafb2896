import type { Endpoint } from "./endpoint.ts";
import { SounderError } from "./errors.ts";
import { withProxyHeader } from "./send-proxy.ts";
import { type ClientTls, clientOptions, secureClient } from "./tls.ts";
import type { Tracer } from "./trace.ts";
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
    socket: outside as unknown as Bun.SocketHandler<Data>,
    allowHalfOpen: true,
    ...(secure && { tls: clientOptions(tls, target.host || "localhost") }),
  };
  return {
    dial: (address, data) =>
      address.kind === "unix"
        ? Bun.connect({ ...options, unix: address.path, data })
        : Bun.connect({
            ...options,
            hostname: address.host,
            port: address.port,
            data,
          }),
  };
}
