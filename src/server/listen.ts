import { readFileSync, readlinkSync, unlinkSync } from "node:fs";
import { isIP } from "node:net";

import type { SocketListener, UnixSocketListener } from "bun";

import {
  type Endpoint,
  formatEndpoint,
  formatHostPort,
  isSecure,
  type Listenable,
} from "../socket/endpoint.ts";
import { codeOf, failure, Reason } from "../socket/errors.ts";
import { resolve } from "../socket/resolve.ts";
import { isStale } from "../socket/stale.ts";
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

interface TcpOptions {
  kind: "tcp" | "tls";
  port: number;
  socket: SocketOption;
  reusePort: boolean;
}

function listenTcp(
  host: string,
  { kind, port, socket, reusePort }: TcpOptions,
): Listening {
  const options = { hostname: host, port, socket, ...HALF_OPEN };
  // Missing from Bun's types.
  const shared = { ...options, reusePort };
  const bound = Bun.listen(reusePort ? shared : options);
  return listening({ kind, host, port: bound.port }, bound);
}

/** Bun's error has no code where a host can't be had at all. */
async function listenAt(host: string, options: TcpOptions): Promise<Listening> {
  try {
    return listenTcp(host, options);
  } catch (error) {
    if (codeOf(error) !== undefined || isIP(host) !== 0) throw error;
    const { kind, port } = options;
    const [found] = await resolve({ kind, host, port });
    return listenTcp((found as { host: string }).host, options);
  }
}

/** Every interface: `::` takes IPv4 too; `0.0.0.0` where there is no IPv6. */
function listenEverywhere(options: TcpOptions): Listening {
  try {
    return listenTcp("::", options);
  } catch (error) {
    // Where socket(2) knows no IPv6, Bun's error has no code.
    const code = codeOf(error) ?? "EAFNOSUPPORT";
    if (code !== "EAFNOSUPPORT" && code !== "EADDRNOTAVAIL") throw error;
    return listenTcp("0.0.0.0", options);
  }
}

/** What Bun's listeners have, and its types lack. */
interface Adopted extends SocketListener<undefined> {
  getsockname(into: object): void;
}

/** Where a Unix socket is, which Bun's getsockname does not tell: proc(5). */
function pathOf(fd: number): string | undefined {
  try {
    const [, inode] = /^socket:\[(\d+)\]$/.exec(
      readlinkSync(`/proc/self/fd/${fd}`),
    )!;
    const sockets = readFileSync("/proc/self/net/unix", "utf8");
    return new RegExp(`^(?:\\S+ +){6}${inode} (.+)$`, "m").exec(sockets)?.[1];
  } catch {
    return undefined;
  }
}

/** Bun knows `fd`, but neither documents nor types it. */
function adopt(
  fd: number,
  kind: "tcp" | "tls",
  socket: SocketOption,
): Listening {
  const options = { fd, socket, ...HALF_OPEN };
  let listener: Adopted;
  try {
    listener = Bun.listen(options as never) as unknown as Adopted;
  } catch (error) {
    if (codeOf(error) !== "EINVAL") throw error;
    throw new Reason("EINVAL", "that descriptor is not a listening socket");
  }
  const name: { address?: string; port?: number } = {};
  listener.getsockname(name);
  const { address, port } = name;
  return listening(
    address === undefined || port === undefined
      ? { kind: "unix", path: pathOf(fd) ?? `fd:${fd}` }
      : { kind, host: address, port },
    listener,
  );
}

/**
 * @param reusePort whether other processes of ours listen there too
 * @throws SounderError that names the address and why it could not be had
 */
export async function listen(
  endpoint: Listenable,
  handlers: WireHandlers<never>,
  { reusePort = false }: { reusePort?: boolean | undefined } = {},
): Promise<Listening> {
  // Bun types `data` as set before `open`; ours is set in `open`.
  const socket = handlers as unknown as SocketOption;
  try {
    if (endpoint.kind === "unix")
      return await listenUnix(endpoint.path, socket);
    if (endpoint.kind === "fd") {
      return adopt(endpoint.fd, isSecure(endpoint) ? "tls" : "tcp", socket);
    }
    const { kind, host, port } = endpoint;
    const options = { kind, port, socket, reusePort };
    if (host === "") return listenEverywhere(options);
    return await listenAt(host, options);
  } catch (error) {
    throw failure(`cannot listen on ${nameOf(endpoint)}`, error);
  }
}

function nameOf(endpoint: Listenable): string {
  return endpoint.kind === "tcp" || endpoint.kind === "tls"
    ? formatHostPort(endpoint.host || "::", endpoint.port)
    : formatEndpoint(endpoint);
}
