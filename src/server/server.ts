import {
  type Endpoint,
  isSecure,
  type Listenable,
  parseListenable,
} from "../socket/endpoint.ts";
import type { ServerTls } from "../socket/tls.ts";
import { peerName } from "../socket/wire.ts";
import type { Tracer } from "../socket/trace.ts";
import type { Unready } from "../status/readiness.ts";
import type { Counts, PeerQuery, Snapshot } from "../status/snapshot.ts";
import { Admission, type AdmissionOptions } from "./admission.ts";
import { Curfew, type CurfewOptions } from "./curfew.ts";
import { drain, reset } from "./drain.ts";
import { echoHandlers } from "./handlers.ts";
import { HookCaller, type ServerHooks } from "./hooks.ts";
import { Listeners } from "./listeners.ts";
import { connectionsByFiles } from "./open-files.ts";
import { Peer } from "./peer.ts";
import { type ReplyKind, replyOf } from "./reply.ts";
import { selfSigned } from "./self-signed.ts";
import { Snapshots } from "./snapshots.ts";
import { roomWithin, Stalls } from "./stalls.ts";
import { type Rejection, type Tally, TallyKeeper } from "./tally.ts";
import { layered } from "./transport.ts";

export interface ServerOptions
  extends AdmissionOptions, CurfewOptions, ServerHooks {
  /** Where to listen, as on the command line; port 0 is a free one. */
  addresses?: readonly (string | Listenable)[];
  /** @default "stamp" */
  reply?: ReplyKind;
  /**
   * Bytes held at most for all peers that don't read; then those that stalled
   * first are reset. @default no limit
   */
  maxPending?: number | undefined;
  /** For `tls://` addresses; without it, one is made for the run. */
  tls?: ServerTls | undefined;
  /** Every connection must begin with a PROXY header, version 1 or 2. */
  proxyProtocol?: boolean | undefined;
  /** Shares its ports with other processes that do the same. */
  reusePort?: boolean | undefined;
  trace?: Tracer | undefined;
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
  /** Its certificate and key, where it speaks TLS. */
  readonly tls: ServerTls | undefined;
  /** Whether a new connection would be served. */
  readonly ready: boolean;
  /** Why it would not; undefined where it would. */
  readonly unready: Unready | undefined;
  /** New connections get another certificate; open ones keep theirs. */
  useTls(tls: ServerTls): void;
  /** What it counts, which costs nothing to ask. */
  counts(): Counts;
  /** It at this moment, and the connections that a query asks for. */
  snapshot(query: PeerQuery): Snapshot;
  /**
   * Stops accepting, serves open connections to their end, and resolves with
   * the number that had to be reset. Called again, it resets at once.
   */
  stop(options?: StopOptions): Promise<number>;
}

/** Milliseconds of silence after which the kernel asks whether a peer is there. */
const KEEP_ALIVE = 60_000;

/** At a stop, how long a PROXY header or a handshake may still take. */
const HEADER_WITHIN = 1000;

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
  const { addresses = ["21567"], reply = "stamp" } = options;
  const hooks = new HookCaller(options);
  const trace = options.trace?.failingTo(hooks.failed);
  const endpoints = addresses.map((address) =>
    typeof address === "string" ? parseListenable(address) : address,
  );
  const open = new Set<Peer>();
  const tally = new TallyKeeper();
  const {
    maxConnections = connectionsByFiles(endpoints.length),
    proxyProtocol = false,
  } = options;
  const admission = new Admission(
    { ...options, maxConnections },
    proxyProtocol,
  );
  const held = () => open.size + transport.waiting;
  const secure = endpoints.some(isSecure);
  let tls = options.tls ?? (secure ? await selfSigned() : undefined);
  const stalls = new Stalls(
    roomWithin(options.maxPending ?? Infinity),
    (peer) => {
      peer.cause = "pending";
      peer.wire.terminate();
    },
    (peer) => {
      if (secure) echo.drain(peer.wire);
    },
  );

  function fault(peer: Peer): void {
    if (peer.phase === "closed") return;
    peer.cause = "error";
    peer.wire.terminate();
  }

  function reject(reason: Rejection, peer: string, why?: string): void {
    tally.reject(reason);
    hooks.rejected({ reason, peer, ...(why !== undefined && { why }) });
  }

  const echo = echoHandlers(replyOf(reply), {
    opened(wire) {
      const refusal = admission.refusal(wire.remoteAddress, held());
      if (refusal !== undefined) {
        reject(refusal, peerName(wire));
        wire.terminate();
        return;
      }
      wire.setKeepAlive?.(true, KEEP_ALIVE);
      const peer = new Peer(tally.opened(), wire);
      wire.data = peer;
      open.add(peer);
      hooks.connected({ id: peer.id, peer: peer.name }, () => fault(peer));
    },
    owed: (peer) => stalls.update(peer),
    closed(peer) {
      open.delete(peer);
      stalls.remove(peer);
      admission.leave(peer.address);
      tally.ended(peer);
      hooks.disconnected({
        id: peer.id,
        peer: peer.name,
        lasted: performance.now() - peer.openedAt,
        bytesIn: peer.bytesIn,
        bytesOut: peer.bytesOut,
        dropped: peer.outbox.pending,
        cause: peer.cause,
      });
    },
    failed: hooks.failed,
  });

  const transport = layered(echo, {
    tls: () => tls!,
    proxyProtocol,
    isProxy: (address) => admission.isAllowed(address),
    bar: (address) => admission.bar(address, held()),
    enter: (address) => admission.refusal(address, held()),
    leave: (address) => admission.leave(address),
    reject,
    trace,
  });

  const listeners = new Listeners({
    handlersFor: (endpoint) => transport.handlersFor(endpoint),
    reusePort: options.reusePort,
    onFiles(left) {
      admission.starved = !left;
      hooks.files(left);
    },
    trace,
  });
  try {
    await listeners.open(endpoints);
  } catch (error) {
    stalls.stop();
    transport.stop();
    reset(open);
    throw error;
  }

  const curfew = new Curfew(open, options, (peer, cause) => {
    peer.cause = cause;
    if (peer.outbox.pending > 0) {
      peer.wire.terminate();
      return;
    }
    // Over TLS, end() alone awaits the peer's for some seconds.
    peer.wire.shutdown();
    peer.wire.end();
  });
  const snapshots = new Snapshots(open, tally, stalls);
  const cut = new AbortController();
  let stopping: Promise<number> | undefined;

  async function end(drainTimeout: number): Promise<number> {
    listeners.close();
    // A peer that says nothing yet must not hold up the stop.
    transport.hurry(Math.min(drainTimeout, HEADER_WITHIN));
    const onTheWay = () => transport.waiting;
    const left = await drain(open, drainTimeout, cut.signal, onTheWay);
    curfew.stop();
    stalls.stop();
    snapshots.stop();
    return left + transport.stop();
  }

  function stop({ drainTimeout = 10_000 }: StopOptions = {}): Promise<number> {
    if (stopping === undefined) stopping = end(drainTimeout);
    else cut.abort();
    return stopping;
  }

  return {
    addresses: listeners.endpoints,
    get tally() {
      return tally.read(open);
    },
    get tls() {
      return secure ? tls : undefined;
    },
    get ready() {
      return listeners.unready === undefined;
    },
    get unready() {
      return listeners.unready;
    },
    useTls(next) {
      tls = next;
    },
    counts: () => snapshots.counts(),
    snapshot: (query) => snapshots.take(query),
    stop,
    async [Symbol.asyncDispose]() {
      await stop({ drainTimeout: 0 });
    },
  };
}
