import { hostname } from "node:os";

import type { Endpoint } from "../address/endpoint.ts";
import { adminEndpoint } from "./endpoint.ts";
import { type FaultControl, faultsAnswer } from "./faults.ts";
import { Feed } from "./feed.ts";
import { History } from "./history.ts";
import { hostCheck } from "./hosts.ts";
import { pageOf } from "./page/html.ts";
import { routesOf } from "./routes.ts";
import { serve } from "./serve.ts";
import type { AdminSource } from "./source.ts";

export interface AdminOptions {
  /** Where to listen; on the loopback interface where no host is named. */
  address: string | Endpoint;
  source: AdminSource;
  version: string;
  /** What the page calls the server. @default the name of this machine */
  title?: string;
  /** Names by which it may be asked for, besides those of this machine. */
  hosts?: readonly string[];
  /** The faults of a server or a proxy, to be read and changed. */
  faults?: FaultControl;
  /** The bearer token that whoever changes faults has to send. */
  token?: string | undefined;
}

export interface Admin extends AsyncDisposable {
  /** With the port the kernel chose, where 0 was asked for. */
  readonly address: Endpoint;
  /** Disconnects all clients. */
  stop(): Promise<void>;
}

/**
 * Serves metrics, health and a live page of a server, until it is stopped. All
 * of it is read only, but for a proxy's faults. While nobody asks it counts
 * once a second, and no more.
 *
 * @throws SounderError if the address can't be had
 */
export async function startAdmin(options: AdminOptions): Promise<Admin> {
  const { source, version, title = hostname(), hosts = [] } = options;
  const endpoint = adminEndpoint(options.address);
  const feed = new Feed(source);
  const history = new History(source);
  const page = pageOf({ title, version });
  // A browser can't be led to a Unix socket.
  const isOurs =
    endpoint.kind === "unix"
      ? () => true
      : hostCheck([endpoint.host, hostname(), ...hosts]);
  const { faults, token } = options;
  const faultsOf = faults && faultsAnswer({ faults, endpoint, token });
  const routes = routesOf({
    source,
    version,
    page,
    feed,
    history,
    isOurs,
    faults: faultsOf,
  });
  const serving = await serve(endpoint, routes);
  history.start();

  async function stop(): Promise<void> {
    feed.close();
    history.stop();
    serving.stop();
  }
  return { address: serving.address, stop, [Symbol.asyncDispose]: stop };
}
