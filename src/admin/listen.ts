import { unlinkSync } from "node:fs";

import {
  type Endpoint,
  formatEndpoint,
  parseEndpoint,
} from "../socket/endpoint.ts";
import { codeOf, failure, SounderError } from "../socket/errors.ts";
import { resolve } from "../socket/resolve.ts";
import { isStale } from "../socket/stale.ts";
import { type Answer, say } from "./respond.ts";

export interface Pages {
  routes: Record<string, Answer>;
  /** What a path without a route gets. */
  fetch: Answer;
}

/** An admin port is not for everyone, unless that is said. */
const DEFAULT_HOST = "127.0.0.1";

/** @throws SounderError where it is no address, or none for plain HTTP */
export function adminEndpoint(address: string | Endpoint): Endpoint {
  const endpoint =
    typeof address === "string" ? parseEndpoint(address) : address;
  if (endpoint.kind === "unix") return endpoint;
  if (endpoint.kind === "tcp") {
    return { ...endpoint, host: endpoint.host || DEFAULT_HOST };
  }
  throw new SounderError(
    `cannot serve admin pages on ${formatEndpoint(endpoint)}: they are plain ` +
      "HTTP, on TCP or a Unix socket",
    "EADDRESS",
  );
}

/** Seconds after which who takes nothing any more is hung up on. */
const IDLE = 30;

/** What `::` fails with on a machine without: there, it is all of IPv4. */
const NO_IPV6 = new Set<unknown>(["EAFNOSUPPORT", "EADDRNOTAVAIL"]);

type UnixOptions = Bun.Serve.Options<undefined>;
type Server = Bun.Server<undefined>;

async function serve(endpoint: Endpoint, pages: Pages): Promise<Server> {
  const options = {
    ...pages,
    idleTimeout: IDLE,
    development: false,
    // Bun lets others share the port, where it is not for development.
    reusePort: false,
    // What failed inside is not for whoever asks.
    error: () => say("failed", 500),
  };
  if (endpoint.kind !== "unix") {
    const [found] = await resolve(endpoint);
    const { host, port } = found as typeof endpoint;
    const open = (hostname: string) =>
      Bun.serve({ ...options, hostname, port });
    try {
      return open(host);
    } catch (error) {
      if (host !== "::" || !NO_IPV6.has(codeOf(error))) throw error;
      return open("0.0.0.0");
    }
  }
  const { path } = endpoint;
  // Bun takes an idleTimeout beside a path, too; its types do not.
  const unix = { ...options, unix: path } as unknown as UnixOptions;
  try {
    return Bun.serve(unix);
  } catch (error) {
    if (codeOf(error) !== "EADDRINUSE" || !(await isStale(path))) throw error;
    unlinkSync(path);
    return Bun.serve(unix);
  }
}

/** @throws SounderError that names the address and why it could not be had */
export async function listen(
  endpoint: Endpoint,
  pages: Pages,
): Promise<{ server: Server; address: Endpoint }> {
  try {
    const server = await serve(endpoint, pages);
    const address =
      endpoint.kind === "unix" ? endpoint : { ...endpoint, port: server.port! };
    return { server, address };
  } catch (error) {
    const name = formatEndpoint(endpoint);
    throw failure(`cannot serve admin pages on ${name}`, error);
  }
}
