import dns from "node:dns/promises";

import type { Endpoint } from "../address/endpoint.ts";

/**
 * The endpoints behind one that names a host, in the resolver's order: the name
 * replaced by each of its addresses.
 * @throws an error with the resolver's code, such as `ENOTFOUND`
 */
export async function resolve(endpoint: Endpoint): Promise<Endpoint[]> {
  switch (endpoint.kind) {
    case "unix":
      return [endpoint];
    case "tcp":
    case "tls": {
      const name = endpoint.host || "localhost";
      const found = await dns.lookup(name, { all: true });
      return found.map(({ address }) => ({ ...endpoint, host: address }));
    }
  }
}
