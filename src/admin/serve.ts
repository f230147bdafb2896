import { type Endpoint, formatEndpoint } from "../address/endpoint.ts";
import { failure } from "../errors/errors.ts";
import { bind } from "../socket/bind/bind.ts";
import { unixPlace } from "../socket/bind/unix.ts";
import { httpClients, type Routes } from "./http.ts";

/** The admin pages' listener. */
export interface Serving {
  /** With the port the kernel chose, where 0 was asked for. */
  address: Endpoint;
  /** Disconnects all clients. */
  stop(): void;
}

/** @throws SounderError that names the address and why it could not be had */
export async function serve(
  endpoint: Endpoint,
  routes: Routes,
): Promise<Serving> {
  const clients = httpClients(routes);
  // Bun types `data` as set before `open`; ours is set in `open`.
  const options = {
    socket: clients.handlers,
    // A client that sent its request and its FIN is still to be answered.
    allowHalfOpen: true,
    data: undefined as never,
  };
  try {
    const bound = await bind(endpoint, {
      tcp: (hostname, port) => Bun.listen({ hostname, port, ...options }),
      unix: (path) => Bun.listen({ ...unixPlace(path, "listen"), ...options }),
    });
    return {
      address: bound.endpoint,
      stop() {
        clients.close();
        bound.stop(true);
      },
    };
  } catch (error) {
    const name = formatEndpoint(endpoint);
    throw failure(`cannot serve admin pages on ${name}`, error);
  }
}
