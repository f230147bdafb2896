import dns from "node:dns/promises";

import type { Endpoint } from "../address/endpoint.ts";

/**
 * The endpoints behind one that names a host, in the resolver's order: the name
 * replaced by each of its addresses.
 * @throws an error with the resolver's code, such as `ENOTFOUND`
 */
export async function resolve(endpoint: Endpoint): Promise<Endpoint[]> {
  if (endpoint.kind === "unix") return [endpoint];
  const found = await dns.lookup(endpoint.host || "localhost", { all: true });
  return found.map(({ address }) => ({ ...endpoint, host: address }));
}
