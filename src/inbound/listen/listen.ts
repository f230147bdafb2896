import { readFileSync, readlinkSync } from "node:fs";

import type { SocketListener } from "bun";

import { bind } from "../../socket/bind/bind.ts";
import { unixPlace } from "../../socket/bind/unix.ts";
import {
  type Endpoint,
  formatEndpoint,
  formatHostPort,
  isSecure,
  type Listenable,
  type TcpEndpoint,
} from "../../address/endpoint.ts";
import { codeOf, failure, Reason } from "../../errors/errors.ts";
import {
  bunHandlers,
  type Wire,
  type WireHandlers,
} from "../../socket/wire.ts";

/** One bound address. */
export interface Listening {
  /** With the port the kernel chose, where 0 was asked for. */
  endpoint: Endpoint;
  /** No further connection is accepted; a Unix socket's path is removed. */
  stop(): void;
}

/** Without allowHalfOpen a socket closes at the peer's FIN, whatever it owes. */
const HALF_OPEN = { allowHalfOpen: true, data: undefined };

/**
 * A listener whose stop never costs another server its socket's file.
 * @param reusePort whether other processes of ours listen there too
 */
async function listenOn(
  endpoint: Endpoint,
  handlers: WireHandlers<never>,
  reusePort: boolean,
): Promise<Listening> {
  const gate = new Gate();
  const bound = await bind(endpoint, {
    tcp(hostname, port) {
      const socket = bunHandlers(handlers);
      const options = { hostname, port, socket, ...HALF_OPEN };
      // Missing from Bun's types.
      const shared = { ...options, reusePort };
      return Bun.listen(reusePort ? shared : options);
    },
    unix(path) {
      const socket = bunHandlers(gate.before(handlers));
      return Bun.listen({ ...unixPlace(path, "listen"), socket, ...HALF_OPEN });
    },
  });
  return {
    endpoint: bound.endpoint,
    stop() {
      if (!bound.stop()) gate.close();
    },
  };
}

/** Turns away whoever still comes to a listener that could not be stopped. */
class Gate {
  private closed = false;

  close(): void {
    this.closed = true;
  }

  before<Data>(handlers: WireHandlers<Data>): WireHandlers<Data> {
    const turnedAway = new WeakSet<Wire<Data>>();
    return {
      ...handlers,
      open: (wire) => {
        if (!this.closed) return handlers.open(wire);
        turnedAway.add(wire);
        wire.terminate();
      },
      close(wire, error) {
        if (!turnedAway.has(wire)) handlers.close(wire, error);
      },
    };
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
  kind: TcpEndpoint["kind"],
  socket: Bun.SocketHandler<undefined>,
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
  return {
    endpoint:
      address === undefined || port === undefined
        ? { kind: "unix", path: pathOf(fd) ?? `fd:${fd}` }
        : { kind, host: address, port },
    stop: () => listener.stop(),
  };
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
  try {
    if (endpoint.kind === "fd") {
      const socket = bunHandlers(handlers);
      return adopt(endpoint.fd, isSecure(endpoint) ? "tls" : "tcp", socket);
    }
    return await listenOn(endpoint, handlers, reusePort);
  } catch (error) {
    throw failure(`cannot listen on ${nameOf(endpoint)}`, error);
  }
}

function nameOf(endpoint: Listenable): string {
  switch (endpoint.kind) {
    case "tcp":
    case "tls":
      return formatHostPort(endpoint.host || "::", endpoint.port);
    case "unix":
    case "fd":
      return formatEndpoint(endpoint);
  }
}
