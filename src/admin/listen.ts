import { bind } from "../socket/bind/bind.ts";
import {
  type Endpoint,
  formatEndpoint,
  parseEndpoint,
} from "../address/endpoint.ts";
import { failure, SounderError } from "../errors/errors.ts";
import { httpClients, type Pages } from "./http.ts";

/** An admin port is not for everyone, unless that is said. */
const DEFAULT_HOST = "127.0.0.1";

/** @throws SounderError where it is no address, or none for plain HTTP */
export function adminEndpoint(address: string | Endpoint): Endpoint {
  const endpoint =
    typeof address === "string" ? parseEndpoint(address) : address;
  switch (endpoint.kind) {
    case "unix":
      return endpoint;
    case "tcp":
      return { ...endpoint, host: endpoint.host || DEFAULT_HOST };
    case "tls":
      throw new SounderError(
        `cannot serve admin pages on ${formatEndpoint(endpoint)}: they are plain ` +
          "HTTP, on TCP or a Unix socket",
        "EADDRESS",
      );
  }
}

/** Admin pages that are served. */
export interface Listening {
  /** With the port the kernel chose, where 0 was asked for. */
  address: Endpoint;
  /** Hangs up on everybody. */
  stop(): void;
}

/** @throws SounderError that names the address and why it could not be had */
export async function listen(
  endpoint: Endpoint,
  pages: Pages,
): Promise<Listening> {
  const clients = httpClients(pages);
  // Bun types `data` as set before `open`; ours is set in `open`.
  const options = {
    socket: clients.handlers,
    // Who has asked and finishes is still to be answered.
    allowHalfOpen: true,
    data: undefined as never,
  };
  try {
    const bound = await bind(endpoint, {
      tcp: (hostname, port) => Bun.listen({ hostname, port, ...options }),
      unix: (path) => Bun.listen({ unix: path, ...options }),
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
