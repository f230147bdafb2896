import { setTimeout as sleep } from "node:timers/promises";

import {
  type Endpoint,
  formatEndpoint,
  parseEndpoint,
} from "../socket/endpoint.ts";
import { failure, SounderError } from "../socket/errors.ts";
import { resolve } from "../socket/resolve.ts";
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

/** How long one address has before the next is tried beside it: RFC 8305, 5. */
const HEAD_START = 250;

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
      const failed = failure(
        `cannot connect to ${formatEndpoint(endpoint)}`,
        error,
      );
      trace?.step(undefined, "failed", failed.code);
      const left = giveUp - performance.now();
      if (left <= 0) throw failed;
      await sleep(Math.min(wait, left));
    }
  }
}

/** One try at every address of a name; the first to answer is taken. */
async function attempt(
  endpoint: Endpoint,
  timeout: number,
  trace: Tracer | undefined,
): Promise<Connection> {
  if (endpoint.kind === "tls") {
    throw new SounderError("this version speaks plain TCP", "ETLS");
  }
  const {
    promise,
    resolve: opened,
    reject,
  } = Promise.withResolvers<Connection>();
  let over = false;
  const take = () => {
    if (over) return false;
    over = true;
    return true;
  };
  let dialling = 0;
  const late = setTimeout(() => {
    if (take()) reject(Object.assign(new Error(), { code: "ETIMEDOUT" }));
  }, timeout);

  function dialFirst([address, ...others]: Endpoint[]): void {
    if (over || address === undefined) return;
    // A refusal brings the next address on at once, silence a little later.
    let rest = others;
    const dialRest = () => {
      dialFirst(rest);
      rest = [];
    };
    const headStart = setTimeout(dialRest, HEAD_START);
    dialling += 1;
    dial(address, take, trace).then(opened, (error) => {
      clearTimeout(headStart);
      dialRest();
      dialling -= 1;
      if (dialling === 0) reject(error);
    });
  }

  try {
    dialFirst(await Promise.race([resolve(endpoint), promise.then(() => [])]));
    return await promise;
  } finally {
    over = true;
    clearTimeout(late);
  }
}

/**
 * Bun.connect has neither a time limit nor a way to be stopped: a socket that
 * opens when another is taken already is closed.
 */
function dial(
  endpoint: Endpoint,
  take: () => boolean,
  trace: Tracer | undefined,
): Promise<Connection> {
  const target = formatEndpoint(endpoint);
  const {
    promise,
    resolve: opened,
    reject,
  } = Promise.withResolvers<Connection>();
  const opening: WireHandlers<Connection> = {
    ...connectionHandlers,
    open(wire) {
      const connection = new Connection(wire, target);
      wire.data = connection;
      if (take()) opened(connection);
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
          hostname: endpoint.host,
          port: endpoint.port,
          ...common,
        });
  dialled.catch((error) => {
    trace?.connectFrom("");
    reject(error);
  });
  return promise;
}
