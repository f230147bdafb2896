import { isIP } from "node:net";

import type { Endpoint, TcpEndpoint } from "../../address/endpoint.ts";
import { codeOf, Reason } from "../../errors/errors.ts";
import { explain } from "../explain.ts";
import { resolve } from "../resolve.ts";
import { claim } from "./unix.ts";

/** What of Bun's listeners is used here. */
interface Listener {
  stop(hangUp?: boolean): void;
  unref(): void;
}

/** How to listen, at once: on an IP address, or a Unix socket. */
export interface Opener {
  tcp(host: string, port: number): Listener & { port: number };
  unix(name: string): Listener;
}

/** An address that is listened on. */
export interface Bound {
  /** With the port the kernel chose; `::` or `0.0.0.0` where no host was named. */
  endpoint: Endpoint;
  /**
   * No further connection is accepted, and a Unix socket's path is removed.
   * @param hangUp closes those that were
   * @returns false where another server has the path by now, which a stop would
   * remove. Nobody finds this one there, but peers that wait in its queue are
   * still accepted: the caller turns them away
   */
  stop(hangUp?: boolean): boolean;
}

/** Listeners that could not stop: collecting them as garbage would stop them. */
const kept = new Set<Listener>();

function stopper(
  listener: Listener,
  mayStop: () => boolean = () => true,
): Bound["stop"] {
  return (hangUp = false) => {
    const may = mayStop();
    if (may) {
      listener.stop(hangUp);
    } else {
      listener.unref();
      kept.add(listener);
    }
    return may;
  };
}

/** What an address fails with that this machine can't have; Bun may tell none. */
const NO_ADDRESS = new Set(["EAFNOSUPPORT", "EADDRNOTAVAIL", undefined]);

/**
 * Listens where an endpoint says.
 * @throws an error with a code, such as `EADDRINUSE`
 */
export async function bind(endpoint: Endpoint, open: Opener): Promise<Bound> {
  try {
    return await bindTo(endpoint, open);
  } catch (error) {
    throw explain(endpoint, error, "listen");
  }
}

async function bindTo(endpoint: Endpoint, open: Opener): Promise<Bound> {
  switch (endpoint.kind) {
    case "unix": {
      const { listener, mayStop } = await claim(endpoint.path, open.unix);
      return { endpoint, stop: stopper(listener, mayStop) };
    }
    case "tcp":
    case "tls": {
      const { listener, host } = await bindTcp(endpoint, open.tcp);
      const { port } = listener;
      return { endpoint: { ...endpoint, host, port }, stop: stopper(listener) };
    }
  }
}

type OpenTcp = Opener["tcp"];

interface BoundTcp {
  listener: ReturnType<OpenTcp>;
  /** `::` or `0.0.0.0` where nobody named one. */
  host: string;
}

async function bindTcp(
  endpoint: TcpEndpoint,
  open: OpenTcp,
): Promise<BoundTcp> {
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
function bindEverywhere(port: number, open: OpenTcp): BoundTcp {
  try {
    return { listener: open("::", port), host: "::" };
  } catch (error) {
    if (!NO_ADDRESS.has(codeOf(error))) throw error;
    return { listener: open("0.0.0.0", port), host: "0.0.0.0" };
  }
}
