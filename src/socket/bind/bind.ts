import { isIP } from "node:net";

import type { Endpoint } from "../../address/endpoint.ts";
import { codeOf, Reason } from "../../errors/errors.ts";
import { explain } from "../explain.ts";
import { resolve } from "../resolve.ts";
import { claim, type Claimed } from "./unix.ts";

/** How to listen, at once: on an IP address, or a Unix socket. */
export interface Opener<Listener> {
  tcp(host: string, port: number): Listener;
  unix(name: string): Listener;
}

/** Something that listens. */
export interface Bound<Listener> extends Claimed<Listener> {
  /** `::` or `0.0.0.0` where nobody named one; empty for a Unix socket. */
  host: string;
}

/** What an address fails with that this machine can't have; Bun may tell none. */
const NO_ADDRESS = new Set(["EAFNOSUPPORT", "EADDRNOTAVAIL", undefined]);

/**
 * Listens where an endpoint says.
 * @throws an error with a code, such as `EADDRINUSE`
 */
export async function bind<Listener>(
  endpoint: Endpoint,
  open: Opener<Listener>,
): Promise<Bound<Listener>> {
  try {
    if (endpoint.kind === "unix") {
      return { ...(await claim(endpoint.path, open.unix)), host: "" };
    }
    const bound = await bindTcp(endpoint, open.tcp);
    return { ...bound, mayStop: () => true };
  } catch (error) {
    throw explain(endpoint, error, "listen");
  }
}

type TcpEndpoint = Exclude<Endpoint, { kind: "unix" }>;
type OpenTcp<Listener> = Opener<Listener>["tcp"];

async function bindTcp<Listener>(
  endpoint: TcpEndpoint,
  open: OpenTcp<Listener>,
): Promise<{ listener: Listener; host: string }> {
  const { host, port } = endpoint;
  if (host === "" || host === "::") return bindEverywhere(port, open);
  if (isIP(host) !== 0) return { listener: open(host, port), host };
  // Bun knows IPv4 addresses of a name alone, and errors without a code.
  const found = (await resolve(endpoint)) as TcpEndpoint[];
  const addresses = found.toSorted((a, b) => isIP(a.host) - isIP(b.host));
  for (const [index, address] of addresses.entries()) {
    try {
      return { listener: open(address.host, port), host };
    } catch (error) {
      const last = index === addresses.length - 1;
      if (last || !NO_ADDRESS.has(codeOf(error))) throw error;
    }
  }
  throw new Reason("ENOTFOUND");
}

/** Every interface: `::` takes IPv4 too; `0.0.0.0` where there is no IPv6. */
function bindEverywhere<Listener>(
  port: number,
  open: OpenTcp<Listener>,
): { listener: Listener; host: string } {
  try {
    return { listener: open("::", port), host: "::" };
  } catch (error) {
    if (!NO_ADDRESS.has(codeOf(error))) throw error;
    return { listener: open("0.0.0.0", port), host: "0.0.0.0" };
  }
}
