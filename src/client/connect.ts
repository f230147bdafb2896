import { setTimeout as sleep } from "node:timers/promises";

import {
  type Endpoint,
  formatEndpoint,
  parseEndpoint,
} from "../socket/endpoint.ts";
import { failure, SounderError } from "../socket/errors.ts";
import { traced, type Tracer } from "../socket/trace.ts";
import type { WireHandlers } from "../socket/wire.ts";
import { Connection, connectionHandlers } from "./connection.ts";

export interface ConnectOptions {
  /** Milliseconds for one attempt. @default 10_000 */
  timeout?: number;
  /** Milliseconds for which a failed attempt is made again. @default 0 */
  retryFor?: number;
  trace?: Tracer;
}

const RETRY_FIRST = 50;
const RETRY_MOST = 1000;

/**
 * Opens a connection.
 *
 * @example
 * await using connection = await connect("localhost:21567");
 * await connection.write(Buffer.from("hello"));
 * console.log(String(await connection.read()));
 *
 * @param address as on the command line; the default is `localhost:21567`
 * @throws SounderError that names the address and why it can't be reached
 */
export async function connect(
  address: string | Endpoint = "localhost",
  options: ConnectOptions = {},
): Promise<Connection> {
  const { timeout = 10_000, retryFor = 0, trace } = options;
  const endpoint =
    typeof address === "string" ? parseEndpoint(address) : address;
  const giveUp = performance.now() + retryFor;

  for (let wait = RETRY_FIRST; ; wait = Math.min(wait * 2, RETRY_MOST)) {
    try {
      return await attempt(endpoint, timeout, trace);
    } catch (error) {
      const left = giveUp - performance.now();
      if (left <= 0) throw error;
      await sleep(Math.min(wait, left));
    }
  }
}

/** Bun.connect has no time limit of its own: a socket that is late is closed. */
async function attempt(
  endpoint: Endpoint,
  timeout: number,
  trace: Tracer | undefined,
): Promise<Connection> {
  const target = formatEndpoint(endpoint);
  if (endpoint.kind === "tls") {
    throw new SounderError(
      `cannot connect to ${target}: this version speaks plain TCP (ETLS)`,
      "ETLS",
    );
  }
  const { promise, resolve, reject } = Promise.withResolvers<Connection>();
  let given = true;
  const opening: WireHandlers<Connection> = {
    ...connectionHandlers,
    open(wire) {
      const connection = new Connection(wire, target);
      wire.data = connection;
      if (given) resolve(connection);
      else wire.terminate();
    },
  };
  const handlers = trace === undefined ? opening : traced(opening, trace);
  // Bun types `data` as set before `open`; ours is set in `open`.
  const socket = handlers as unknown as Bun.SocketHandler<undefined>;
  const common = { socket, allowHalfOpen: true, data: undefined };

  trace?.step(4, "socket", endpoint.kind);
  trace?.connecting(target);
  const dialled =
    endpoint.kind === "unix"
      ? Bun.connect({ unix: endpoint.path, ...common })
      : Bun.connect({
          hostname: endpoint.host || "localhost",
          port: endpoint.port,
          ...common,
        });
  dialled.catch(reject);
  const timer = setTimeout(() => {
    given = false;
    reject(Object.assign(new Error("timed out"), { code: "ETIMEDOUT" }));
  }, timeout);

  try {
    return await promise;
  } catch (error) {
    const failed = failure(`cannot connect to ${target}`, error);
    trace?.connectFrom("");
    trace?.step(undefined, "failed", failed.code);
    throw failed;
  } finally {
    clearTimeout(timer);
  }
}
