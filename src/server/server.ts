import { type Endpoint, isSecure } from "../address/endpoint.ts";
import type { AnyHandlers } from "../socket/layer.ts";
import { plainIdentity, type ServerTls } from "./layers/tls.ts";
import type { Unready } from "../status/readiness.ts";
import type { Counts, PeerQuery, Snapshot } from "../status/snapshot.ts";
import { Admission } from "./admission.ts";
import { Curfew } from "./idle-timeouts.ts";
import { drain, reset } from "./graceful-stop.ts";
import { echoHandlers } from "./echo/handlers.ts";
import { HookCaller } from "./hooks.ts";
import { Listeners } from "./listen/listeners.ts";
import { connectionsByFiles } from "./listen/open-files.ts";
import {
  checkRenewal,
  checkQuery,
  checkServer,
  checkStop,
  placeOf,
  type ServerOptions,
  type StopOptions,
} from "./options.ts";
import { Peer } from "./peer.ts";
import { Permits } from "./permits.ts";
import { replyOf } from "./echo/reply.ts";
import { selfSigned } from "./self-signed.ts";
import { limitOf, Snapshots } from "./snapshots.ts";
import { roomWithin, Stalls } from "./stalls.ts";
import { type Rejection, type Tally, TallyKeeper } from "./tally.ts";
import { Transport } from "./layers/stack.ts";

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
 * @throws SounderError if one of the addresses can't be had, and none is held
 * then; `EOPTION` or `ETLS` that names an option whose value makes no sense
 */
export async function startServer(
  options: ServerOptions = {},
): Promise<Server> {
  checkServer(options);
  return startChecked(options);
}

/** As startServer(), for a part of a server whose whole was checked. */
export async function startChecked(options: ServerOptions): Promise<Server> {
  const { addresses = ["21567"], reply = "stamp" } = options;
  const hooks = new HookCaller(options);
  const trace = options.trace?.failingTo(hooks.failed);
  const endpoints = addresses.map(placeOf);
  const open = new Set<Peer>();
  const tally = new TallyKeeper();
  const {
    maxConnections = connectionsByFiles(endpoints.length),
    proxyProtocol = false,
  } = options;
  const admission = new Admission(options, proxyProtocol);
  const permits = new Permits(admission, { ...options, maxConnections });
  const secure = endpoints.some(isSecure);
  const given = options.tls && plainIdentity(options.tls);
  let tls = given ?? (secure ? await selfSigned() : undefined);
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
    const words = why === undefined ? reason : `${reason}, ${why}`;
    trace?.step(undefined, "rejected", `${peer}: ${words}`);
    hooks.rejected({ reason, peer, ...(why !== undefined && { why }) });
  }

  const echo = echoHandlers(replyOf(reply), {
    opened(wire, permit) {
      wire.setKeepAlive(true, KEEP_ALIVE);
      const peer = new Peer(tally.opened(), wire, permit);
      wire.data = peer;
      open.add(peer);
      hooks.connected({ id: peer.id, peer: peer.name }, () => fault(peer));
    },
    owed: (peer) => stalls.update(peer),
    closed(peer) {
      open.delete(peer);
      stalls.remove(peer);
      peer.permit?.release();
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

  const transport = new Transport(echo as AnyHandlers, {
    permits,
    tls: () => tls!,
    proxyProtocol,
    isProxy: (address) => admission.isAllowed(address),
    reject,
    trace,
  });

  const listeners = new Listeners({
    handlersFor: (endpoint) => transport.handlersFor(endpoint),
    reusePort: options.reusePort,
    onFiles(left) {
      permits.starved = !left;
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
  const snapshots = new Snapshots(open, tally, stalls, {
    connections: limitOf(maxConnections),
    pending: limitOf(options.maxPending ?? Infinity),
  });
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

  async function stop(stopOptions: StopOptions = {}): Promise<number> {
    checkStop(stopOptions);
    const { drainTimeout = 10_000 } = stopOptions;
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
      checkRenewal(next, endpoints);
      tls = plainIdentity(next);
    },
    counts: () => snapshots.counts(),
    snapshot(query) {
      checkQuery(query);
      return snapshots.take(query);
    },
    stop,
    async [Symbol.asyncDispose]() {
      await stop({ drainTimeout: 0 });
    },
  };
}
