import type { Endpoint, Listenable } from "../address/endpoint.ts";
import { SounderError } from "../errors/errors.ts";
import { lock } from "../socket/bind/lock.ts";
import type { ServerTls } from "../inbound/layers/tls.ts";
import type { Unready } from "../status/readiness.ts";
import type { Counts, PeerQuery, Snapshot } from "../status/snapshot.ts";
import { Crew, type FleetEvents } from "./pool.ts";
import type { FleetOptions } from "./messages.ts";
import type { StopOptions } from "../server/options.ts";
import { EchoServer } from "../server/server.ts";

/** As a server, in several processes that share its ports. */
export interface Fleet {
  readonly addresses: readonly Endpoint[];
  readonly tls: ServerTls | undefined;
  /** Why a new connection would not be served; undefined where it would. */
  readonly unready: Unready | undefined;
  useTls(tls: ServerTls): void;
  counts(): Promise<Counts>;
  snapshot(query: PeerQuery): Promise<Snapshot>;
  stop(options?: StopOptions): Promise<number>;
}

/**
 * Starts `workers` processes that serve the same addresses. This process holds
 * no connection: it restarts a worker that dies, and adds up what they tell.
 * Limits are of all together, but for those of an address.
 *
 * @throws SounderError if an address can't be had, or can't be shared
 */
export async function startFleet(
  workers: number,
  options: FleetOptions,
  events: FleetEvents,
): Promise<Fleet> {
  using _start = await aloneOn(options.addresses);
  const { addresses, tls } = await claim(options);
  const shared: FleetOptions = { ...options, addresses, tls };
  const crew = new Crew(workers, shared, events);
  await crew.start();
  return {
    addresses,
    get tls() {
      return crew.options.tls;
    },
    get unready() {
      return crew.unready;
    },
    useTls: (next) => crew.useTls(next),
    counts: () => crew.counts(),
    snapshot: (query) => crew.snapshot(query),
    stop: (stopOptions) => crew.stop(stopOptions),
  };
}

/** Milliseconds that the start of another fleet on the same port may take. */
const OTHERS_START = 10_000;

/**
 * Has fleets on the same ports start one after the other. Between our claim and
 * the workers' own sockets, the ports are free: another's claim would succeed.
 */
async function aloneOn(places: readonly Listenable[]): Promise<Disposable> {
  const ports = places.flatMap((place) => ("port" in place ? place.port : []));
  const locks = new DisposableStack();
  // In one order for all, so that none waits for one who waits for it.
  for (const port of [...new Set(ports)].toSorted((a, b) => a - b)) {
    if (port > 0) locks.use(await lock(`workers/${port}`, OTHERS_START));
  }
  return locks;
}

/**
 * Takes the ports once for this process alone: with SO_REUSEPORT a second
 * server on them would not be noticed, and would get half of the connections.
 */
async function claim(
  options: FleetOptions,
): Promise<{ addresses: Endpoint[]; tls: ServerTls | undefined }> {
  if (process.platform !== "linux") {
    throw new SounderError(
      "cannot start workers: only Linux spreads connections over processes " +
        "that share a port",
      "ENOTSUP",
    );
  }
  const server = await EchoServer.start(options);
  const { addresses, tls } = server;
  await server.stop({ drainTimeout: 0 });
  return { addresses: [...addresses], tls: options.tls ?? tls };
}
