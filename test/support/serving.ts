import type { Ended } from "../../src/server/hooks.ts";
import type { ServerOptions } from "../../src/server/options.ts";
import type { Server } from "../../src/server/public.ts";
import { startServer } from "../../src/server/server.ts";
import type { Endpoint } from "../../src/address/endpoint.ts";
import { Caller } from "./caller.ts";
import { until } from "./until.ts";

/** A server in this process, and what its peers see of it. */
export interface Serving extends Server {
  /** Where its peers go. */
  endpoint: Endpoint;
  /** The connections that it told the end of. */
  told: Ended[];
  dial(): Promise<Caller>;
}

/**
 * Serves raw on a free port unless told otherwise.
 * @param target where peers go, when it listens on `bound`
 */
export async function serving(
  options: ServerOptions = {},
  target = (bound: Endpoint) => bound,
): Promise<Serving> {
  const told: Ended[] = [];
  const server = await startServer({
    addresses: ["127.0.0.1:0"],
    reply: "raw",
    onDisconnect: (ended) => void told.push(ended),
    ...options,
  });
  const endpoint = target(server.addresses[0]!);
  const dial = () => Caller.dial(endpoint);
  return Object.assign(server, { endpoint, told, dial });
}

/** One who sends and does not read, until the server can't send either. */
export async function stalled(
  server: Serving,
  bytes: Uint8Array,
): Promise<Caller> {
  const owed = () => {
    const { in: received, out } = server.tally.bytes;
    return received - out;
  };
  const before = owed();
  const caller = await server.dial();
  caller.pause();
  caller.send(bytes);
  await until(() => owed() > before, "the server to stall");
  return caller;
}
