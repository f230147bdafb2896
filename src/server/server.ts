import {
  type Endpoint,
  formatEndpoint,
  parseEndpoint,
} from "../socket/endpoint.ts";
import { traced, type Tracer } from "../socket/trace.ts";
import { type Cause, Peer } from "./peer.ts";
import { drain } from "./drain.ts";
import { echoHandlers } from "./handlers.ts";
import { listen, type Listening } from "./listen.ts";
import { type ReplyKind, replyOf } from "./reply.ts";
import { type Tally, TallyKeeper } from "./tally.ts";

/** What is told of a connection that has ended. */
export interface Ended {
  id: number;
  /** `127.0.0.1:53124`, or `unix peer 3`. */
  peer: string;
  /** Milliseconds. */
  lasted: number;
  bytesIn: number;
  bytesOut: number;
  /** Bytes the peer was still owed. */
  dropped: number;
  cause: Cause;
}

export interface ServerOptions {
  /** Where to listen, as on the command line; port 0 is a free one. */
  addresses?: readonly (string | Endpoint)[];
  /** @default "stamp" */
  reply?: ReplyKind;
  /** Called once a connection is accepted. */
  onConnect?(peer: { id: number; peer: string }): void;
  /** Called once a connection is gone. */
  onDisconnect?(ended: Ended): void;
  trace?: Tracer;
}

export interface StopOptions {
  /** Milliseconds after which what is left is reset. @default 10_000 */
  drainTimeout?: number;
}

export interface Server extends AsyncDisposable {
  /** Where it listens, with the ports the kernel chose. */
  readonly addresses: readonly Endpoint[];
  /** What it has done so far. */
  readonly tally: Tally;
  /**
   * Stops accepting, serves open connections to their end, and resolves with
   * the number that had to be reset. Called again, it resets at once.
   */
  stop(options?: StopOptions): Promise<number>;
}

/**
 * Starts an echo server, which answers until it is stopped.
 *
 * @example
 * await using server = await startServer({ addresses: ["127.0.0.1:0"] });
 *
 * @throws SounderError if one of the addresses can't be had; none is held then
 */
export async function startServer(
  options: ServerOptions = {},
): Promise<Server> {
  const { addresses = [""], reply = "stamp", trace } = options;
  const endpoints = addresses.map((address) =>
    typeof address === "string" ? parseServerAddress(address) : address,
  );
  const open = new Set<Peer>();
  const tally = new TallyKeeper();

  const echo = echoHandlers(replyOf(reply), {
    opened(wire) {
      const peer = new Peer(tally.opened(), wire);
      open.add(peer);
      options.onConnect?.({ id: peer.id, peer: peer.name });
      return peer;
    },
    closed(peer) {
      open.delete(peer);
      tally.ended(peer);
      options.onDisconnect?.({
        id: peer.id,
        peer: peer.name,
        lasted: performance.now() - peer.openedAt,
        bytesIn: peer.bytesIn,
        bytesOut: peer.bytesOut,
        dropped: peer.outbox.pending,
        cause: peer.cause,
      });
    },
  });

  const handlers = trace === undefined ? echo : traced(echo, trace);
  const listeners: Listening[] = [];
  try {
    for (const endpoint of endpoints) {
      trace?.step(1, "socket", endpoint.kind);
      const listener = await listen(endpoint, handlers);
      trace?.step(2, "bind", formatEndpoint(listener.endpoint));
      trace?.step(3, "listen", formatEndpoint(listener.endpoint));
      listeners.push(listener);
    }
  } catch (error) {
    for (const listener of listeners) listener.stop();
    throw error;
  }

  const cut = new AbortController();
  let stopping: Promise<number> | undefined;
  function stop({ drainTimeout = 10_000 }: StopOptions = {}): Promise<number> {
    if (stopping !== undefined) {
      cut.abort();
      return stopping;
    }
    for (const listener of listeners) listener.stop();
    stopping = drain(open, drainTimeout, cut.signal);
    return stopping;
  }

  return {
    addresses: listeners.map((listener) => listener.endpoint),
    get tally() {
      return tally.read(open);
    },
    stop,
    async [Symbol.asyncDispose]() {
      await stop({ drainTimeout: 0 });
    },
  };
}

function parseServerAddress(text: string): Endpoint {
  return text === "" ? parseEndpoint("21567") : parseEndpoint(text);
}
