import type { Endpoint, Listenable } from "../address/endpoint.ts";
import { SounderError } from "../errors/errors.ts";
import type { ServerTls } from "../inbound/layers/tls.ts";
import { EchoServer } from "../server/server.ts";
import { lock } from "../socket/bind/lock.ts";
import type { ClusterOptions } from "./messages.ts";
import { type ClusterEvents, WorkerPool } from "./pool.ts";

/**
 * Starts `workers` processes that serve the same addresses. This process holds
 * no connection: it restarts a worker that dies, and adds up what they tell.
 * Limits are of all together, but for those of an address.
 *
 * @throws SounderError if an address can't be had, or can't be shared
 */
export async function startCluster(
  workers: number,
  options: ClusterOptions,
  events: ClusterEvents,
): Promise<WorkerPool> {
  using _start = await aloneOn(options.addresses);
  const claimed = await claim(options);
  const pool = new WorkerPool(workers, { ...options, ...claimed }, events);
  await pool.start();
  return pool;
}

/** Milliseconds that the start of another cluster on the same port may take. */
const OTHERS_START = 10_000;

/**
 * Has clusters on the same ports start one after the other. Between our claim
 * and the workers' own sockets, the ports are free: another's claim would
 * succeed.
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
  options: ClusterOptions,
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
