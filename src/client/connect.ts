import { setTimeout as sleep } from "node:timers/promises";

import { type Endpoint, formatEndpoint } from "../address/endpoint.ts";
import { failure, Reason, whyOf } from "../errors/errors.ts";
import { dialler } from "../socket/dial/dial.ts";
import { firstOf } from "../socket/dial/head-start.ts";
import { resolve } from "../socket/resolve.ts";
import type { WireHandlers } from "../socket/wire.ts";
import { formatDuration } from "../units.ts";
import {
  type Connection,
  connectionHandlers,
  connectionOn,
} from "./connection.ts";
import { checkedTarget, type ConnectOptions } from "./options.ts";

const RETRY_FIRST = 50;
const RETRY_MOST = 1000;

/** Milliseconds in which what has arrived is seen, once the loop turns again. */
const SEEN_WITHIN = 20;

/** A timer takes anything beyond 2^31 - 1 milliseconds for 1. */
const TIMER_MAX = 2 ** 31 - 1;

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
 * the option whose value makes no sense
 */
export async function connect(
  address: string | Endpoint = "localhost",
  options: ConnectOptions = {},
): Promise<Connection> {
  const endpoint = checkedTarget(address, options);
  const { retryFor = 0, trace } = options;
  const giveUp = performance.now() + retryFor;

  for (let wait = RETRY_FIRST; ; wait = Math.min(wait * 2, RETRY_MOST)) {
    try {
      return await attempt(endpoint, options);
    } catch (error) {
      const failed = failure(
        `cannot connect to ${formatEndpoint(endpoint)}`,
        error,
      );
      trace?.step(undefined, "failed", `${whyOf(error)} (${failed.code})`);
      const left = giveUp - performance.now();
      if (left <= 0) throw failed;
      await sleep(Math.min(wait, left));
    }
  }
}

/** One try at every address of a name; the first to answer is taken. */
async function attempt(
  endpoint: Endpoint,
  options: ConnectOptions,
): Promise<Connection> {
  const { timeout = 10_000 } = options;
  const within = `no answer within ${formatDuration(timeout)}`;
  const late = Promise.withResolvers<never>();
  let over = false;
  const abandons: (() => void)[] = [];
  const take = () => {
    if (over) return false;
    over = true;
    return true;
  };
  const giveUp = () => {
    if (take()) late.reject(new Reason("ETIMEDOUT", within));
  };
  // What came while this process stood still is to be seen first.
  let timer = setTimeout(
    () => (timer = setTimeout(giveUp, SEEN_WITHIN)),
    Math.min(timeout, TIMER_MAX),
  );

  try {
    const found = await Promise.race([resolve(endpoint), late.promise]);
    const opened = firstOf(found, (address) => {
      if (over) return late.promise;
      const dialled = dial(address, endpoint, options, take);
      abandons.push(dialled.abandon);
      return dialled.connection;
    });
    return await Promise.race([opened, late.promise]);
  } finally {
    over = true;
    clearTimeout(timer);
    for (const abandon of abandons) abandon();
  }
}

/** One socket on its way. */
interface Dialled {
  connection: Promise<Connection>;
  /** Closes it unless it was taken: a TLS handshake may never end. */
  abandon(): void;
}

/** @param take whether this is the first to open; if not, it is closed */
function dial(
  address: Endpoint,
  target: Endpoint,
  { trace, ...approach }: ConnectOptions,
  take: () => boolean,
): Dialled {
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
    approach,
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
  return { connection: promise, abandon: abandoned.resolve };
}
