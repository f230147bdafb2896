import { lstatSync, unlinkSync } from "node:fs";

import type { SocketListener, UnixSocketListener } from "bun";

import {
  type Endpoint,
  formatEndpoint,
  formatHostPort,
} from "../socket/endpoint.ts";
import { codeOf, failure, SounderError } from "../socket/errors.ts";
import type { WireHandlers } from "../socket/wire.ts";

/** One bound address. */
export interface Listening {
  /** With the port the kernel chose, where 0 was asked for. */
  endpoint: Endpoint;
  /** No further connection is accepted; a Unix socket's path is removed. */
  stop(): void;
}

function listening(
  endpoint: Endpoint,
  listener: SocketListener<undefined> | UnixSocketListener<undefined>,
): Listening {
  return { endpoint, stop: () => listener.stop() };
}

/** Without allowHalfOpen a socket closes at the peer's FIN, whatever it owes. */
const HALF_OPEN = { allowHalfOpen: true, data: undefined };

type SocketOption = Bun.SocketHandler<undefined>;

async function answers(path: string): Promise<boolean> {
  try {
    const probe = await Bun.connect({ unix: path, socket: { data() {} } });
    probe.end();
    return true;
  } catch (error) {
    return codeOf(error) !== "ECONNREFUSED";
  }
}

/** A socket file that nobody serves any more, left by a killed server. */
async function isStale(path: string): Promise<boolean> {
  const isSocket = lstatSync(path, { throwIfNoEntry: false })?.isSocket();
  return isSocket === true && !(await answers(path));
}

async function listenUnix(
  path: string,
  socket: SocketOption,
): Promise<Listening> {
  const open = () =>
    listening(
      { kind: "unix", path },
      Bun.listen({ unix: path, socket, ...HALF_OPEN }),
    );
  try {
    return open();
  } catch (error) {
    if (codeOf(error) !== "EADDRINUSE" || !(await isStale(path))) throw error;
    unlinkSync(path);
    return open();
  }
}

function listenTcp(
  host: string,
  port: number,
  socket: SocketOption,
): Listening {
  const bound = Bun.listen({ hostname: host, port, socket, ...HALF_OPEN });
  return listening({ kind: "tcp", host, port: bound.port }, bound);
}

/** Every interface: `::` takes IPv4 too; `0.0.0.0` where there is no IPv6. */
function listenEverywhere(port: number, socket: SocketOption): Listening {
  try {
    return listenTcp("::", port, socket);
  } catch (error) {
    const code = codeOf(error);
    if (code !== "EAFNOSUPPORT" && code !== "EADDRNOTAVAIL") throw error;
    return listenTcp("0.0.0.0", port, socket);
  }
}

/** @throws SounderError that names the address and why it could not be had */
export async function listen(
  endpoint: Endpoint,
  handlers: WireHandlers<never>,
): Promise<Listening> {
  // Bun types `data` as set before `open`; ours is set in `open`.
  const socket = handlers as unknown as SocketOption;
  const name =
    endpoint.kind === "unix"
      ? formatEndpoint(endpoint)
      : formatHostPort(endpoint.host || "::", endpoint.port);
  if (endpoint.kind === "tls") {
    throw new SounderError(
      `cannot listen on tls://${name}: this version speaks plain TCP (ETLS)`,
      "ETLS",
    );
  }
  try {
    if (endpoint.kind === "unix")
      return await listenUnix(endpoint.path, socket);
    if (endpoint.host === "") return listenEverywhere(endpoint.port, socket);
    return listenTcp(endpoint.host, endpoint.port, socket);
  } catch (error) {
    throw failure(`cannot listen on ${name}`, error);
  }
}
