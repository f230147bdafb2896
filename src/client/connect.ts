import { setTimeout as sleep } from "node:timers/promises";

import { type Endpoint, formatEndpoint } from "../address/endpoint.ts";
import { failure, whyOf } from "../errors/errors.ts";
import { dialler } from "../socket/dial/dial.ts";
import { type Dialled, race } from "../socket/dial/race.ts";
import type { WireHandlers } from "../socket/wire.ts";
import {
  type Connection,
  connectionHandlers,
  connectionOn,
} from "./connection.ts";
import { unlessAborted } from "./incoming.ts";
import { checkedTarget, type ConnectOptions } from "./options.ts";

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
 * @throws SounderError that names the address and why it can't be reached, or
 * the option whose value makes no sense; the signal's reason
 */
export async function connect(
  address: string | Endpoint = "localhost",
  options: ConnectOptions = {},
): Promise<Connection> {
  const endpoint = checkedTarget(address, options);
  const { timeout = 10_000, retryFor = 0, signal, trace } = options;
  signal?.throwIfAborted();
  const giveUp = performance.now() + retryFor;

  for (let wait = RETRY_FIRST; ; wait = Math.min(wait * 2, RETRY_MOST)) {
    try {
      return await race(endpoint, {
        timeout,
        ...(signal && { signal }),
        dial: (at, take) => dial(at, endpoint, options, take),
      });
    } catch (error) {
      signal?.throwIfAborted();
      const failed = failure(
        `cannot connect to ${formatEndpoint(endpoint)}`,
        error,
      );
      trace?.step(undefined, "failed", `${whyOf(error)} (${failed.code})`);
      const left = giveUp - performance.now();
      if (left <= 0) throw failed;
      await unlessAborted(sleep(Math.min(wait, left)), signal);
    }
  }
}

function dial(
  address: Endpoint,
  target: Endpoint,
  { trace, tls, sendProxy }: ConnectOptions,
  take: () => boolean,
): Dialled<Connection> {
  const name = formatEndpoint(address);
  const {
    promise,
    resolve: opened,
    reject,
  } = Promise.withResolvers<Connection>();
  const abandoned = Promise.withResolvers<void>();
  let taken = false;
  const opening: WireHandlers<Connection> = {
    ...connectionHandlers,
    open(wire) {
      const connection = connectionOn(wire, name);
      taken = take();
      if (taken) opened(connection);
      else wire.terminate();
    },
  };
  const { dial: open } = dialler(
    target,
    { tls, sendProxy },
    opening as WireHandlers<unknown>,
    (_, error) => reject(error),
    trace,
  );

  trace?.step(4, "socket", address.kind);
  trace?.connecting(name);
  open(address, undefined).then(
    async (socket) => {
      await abandoned.promise;
      if (!taken) socket.terminate();
    },
    (error) => {
      trace?.connectFrom("");
      reject(error);
    },
  );
  return { opened: promise, abandon: abandoned.resolve };
}
