import { bind } from "../socket/bind.ts";
import {
  type Endpoint,
  formatEndpoint,
  parseEndpoint,
} from "../socket/endpoint.ts";
import { failure, SounderError } from "../socket/errors.ts";
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

type UnixOptions = Bun.Serve.Options<undefined>;
type Server = Bun.Server<undefined>;

/** Admin pages that are served. */
export interface Listening {
  /** With the port the kernel chose, where 0 was asked for. */
  address: Endpoint;
  /** Hangs up on everybody. */
  stop(): Promise<void>;
}

/** Servers that must not stop; to be collected would stop them. */
const kept = new Set<Server>();

/** @throws SounderError that names the address and why it could not be had */
export async function listen(
  endpoint: Endpoint,
  pages: Pages,
): Promise<Listening> {
  const options = {
    ...pages,
    idleTimeout: IDLE,
    development: false,
    // Bun lets others share the port, where it is not for development.
    reusePort: false,
    // What failed inside is not for whoever asks.
    error: () => say("failed", 500),
  };
  try {
    const { listener, mayStop } = await bind<Server>(endpoint, {
      tcp: (hostname, port) => Bun.serve({ ...options, hostname, port }),
      // Bun takes an idleTimeout beside a path, too; its types do not.
      unix: (path) =>
        Bun.serve({ ...options, unix: path } as unknown as UnixOptions),
    });
    return {
      address:
        endpoint.kind === "unix"
          ? endpoint
          : { ...endpoint, port: listener.port! },
      async stop() {
        if (mayStop()) {
          await listener.stop(true);
          return;
        }
        // Bun would unlink what is at its path now. Nobody finds it there.
        listener.reload({ routes: {}, fetch: () => say("stopped", 503) });
        listener.unref();
        kept.add(listener);
      },
    };
  } catch (error) {
    const name = formatEndpoint(endpoint);
    throw failure(`cannot serve admin pages on ${name}`, error);
  }
}
