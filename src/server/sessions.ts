import { FaultPermit } from "../faults/gate.ts";
import type { Rejection } from "../inbound/rejection.ts";
import { roomWithin, Stalls } from "../inbound/stalls.ts";
import type { Tracer } from "../socket/trace/tracer.ts";
import type { Permit, Wire } from "../socket/wire.ts";
import type { Registry } from "./echo/handlers.ts";
import type { HookCaller } from "./hooks.ts";
import { Peer } from "./peer.ts";
import { type Tally, TallyKeeper } from "./tally.ts";

/** Milliseconds of silence after which the kernel asks whether a peer is there. */
const KEEP_ALIVE = 60_000;

export interface SessionsOptions {
  hooks: HookCaller;
  /** Bytes of memory held at most for all peers that don't read. */
  maxPending: number;
  trace: Tracer | undefined;
}

/**
 * The one owner of a server's open connections: adds and removes them, counts
 * what they did, knows which of them are stalled, and tells the hooks.
 */
export class Sessions implements Registry {
  readonly stalls: Stalls<Peer>;
  private readonly peers = new Set<Peer>();
  private readonly counted = new TallyKeeper();

  constructor(private readonly options: SessionsOptions) {
    this.stalls = new Stalls(roomWithin(options.maxPending), (peer) =>
      peer.reset("pending"),
    );
  }

  /** Those that are open now; each is removed by its own close. */
  get open(): ReadonlySet<Peer> {
    return this.peers;
  }

  get tally(): Tally {
    return this.counted.read(this.peers);
  }

  opened(wire: Wire<Peer>, permit: Permit | undefined): void {
    wire.setKeepAlive(true, KEEP_ALIVE);
    const count = this.counted.opened();
    const id = permit instanceof FaultPermit ? permit.id : count;
    const peer = new Peer(id, wire, permit);
    wire.data = peer;
    this.peers.add(peer);
    this.options.hooks.connected(peer, () => peer.reset("error"));
  }

  owed(peer: Peer): void {
    this.stalls.update(peer);
  }

  closed(peer: Peer): void {
    this.peers.delete(peer);
    this.stalls.remove(peer);
    peer.permit?.release();
    this.counted.ended(peer);
    this.options.hooks.disconnected({
      id: peer.id,
      peer: peer.name,
      lasted: performance.now() - peer.openedAt,
      bytesIn: peer.bytesIn,
      bytesOut: peer.bytesOut,
      dropped: peer.pending,
      cause: peer.cause,
    });
  }

  failed(error: unknown): void {
    this.options.hooks.failed(error);
  }

  /** One was not let in, and never was among them. */
  reject(reason: Rejection, peer: string, why?: string): void {
    const { hooks, trace } = this.options;
    this.counted.reject(reason);
    const words = why === undefined ? reason : `${reason}, ${why}`;
    trace?.step(undefined, "rejected", `${peer}: ${words}`);
    hooks.rejected({ reason, peer, ...(why !== undefined && { why }) });
  }

  /** Resets all of them. @returns how many there were */
  reset(): number {
    const left = [...this.peers];
    for (const peer of left) peer.reset("stop");
    return left.length;
  }
}
