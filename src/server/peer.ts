import { isEndedByFault } from "../faults/served.ts";
import { sessionName } from "../inbound/session.ts";
import { Outbox } from "../socket/outbox.ts";
import type { Permit, Wire } from "../socket/wire.ts";

/**
 * Why a connection ended: the peer finished (`FIN`) or reset it (`RST`); this
 * server was stopping (`stop`), or ended it because it was `idle`, open for too
 * long (`lifetime`) or took too little of what it was owed (`pending`); its
 * owner did (`owner`), a question of a check (`asked`), or a fault that was asked
 * for (`fault`); or our own code failed (`error`). A peer's FIN without the end of TLS before it
 * (`truncated`) may be the doing of somebody between.
 */
export type Cause =
  | "FIN"
  | "RST"
  | "truncated"
  | "stop"
  | "idle"
  | "lifetime"
  | "pending"
  | "owner"
  | "asked"
  | "fault"
  | "error";

/**
 * - `open`: both directions.
 * - `flushing`: the peer has finished; what it is owed goes out, then our FIN.
 * - `finished`: we finished first, at a stop; the peer's FIN is awaited.
 * - `closed`: the socket is gone.
 */
export type Phase = "open" | "flushing" | "finished" | "closed";

/** One peer's state. Every field is set here, so that all have one shape. */
export class Peer {
  phase: Phase = "open";
  cause: Cause = "FIN";
  /** Bytes received. */
  bytesIn = 0;
  /** Nothing is read from it: it is owed something, or it is others' turn. */
  isPaused = false;
  /** Bytes that the reply added to what was received, such as stamps. */
  added = 0;
  readonly outbox = new Outbox(true);
  /** From `performance.now()`, in milliseconds. */
  readonly openedAt = performance.now();
  /** Undefined where it has none. */
  private readonly remoteAddress: string | undefined;
  private readonly remotePort: number | undefined;
  private readonly localAddress: string | undefined;
  /** Made when it is first asked for. */
  private nameMade: string | undefined = undefined;

  constructor(
    readonly id: number,
    /** Another one from the moment on at which faults are put on it. */
    public wire: Wire<Peer>,
    readonly permit?: Permit,
  ) {
    this.remoteAddress = wire.remoteAddress;
    this.remotePort = wire.remotePort;
    this.localAddress = wire.localAddress;
  }

  /** `127.0.0.1:53124`, or `unix peer 3` where it has no address. */
  get name(): string {
    const { id, remoteAddress, remotePort, localAddress } = this;
    const from = { remoteAddress, remotePort, localAddress };
    return (this.nameMade ??= sessionName(id, from));
  }

  /** It is others' turn. */
  get isWaiting(): boolean {
    return this.isPaused && this.outbox.pending === 0;
  }

  /** Bytes held for it. */
  get pending(): number {
    return this.outbox.pending;
  }

  /** Sends our FIN: it is served on until its own. */
  finish(cause: Cause): void {
    this.phase = "finished";
    this.cause = cause;
    this.wire.shutdown();
  }

  /** Closes it: with our FIN; with a reset where it is owed something. */
  close(cause: Cause): void {
    if (this.pending > 0) {
      this.reset(cause);
      return;
    }
    this.cause = cause;
    // Over TLS, end() alone awaits the peer's for some seconds.
    this.wire.shutdown();
    this.wire.end();
  }

  /** Closes it behind what it is owed. */
  end(cause: Cause): void {
    if (this.phase === "closed") return;
    if (this.pending === 0) this.close(cause);
    else {
      this.cause = cause;
      this.phase = "flushing";
    }
  }

  reset(cause: Cause): void {
    if (this.phase === "closed") return;
    this.cause = cause;
    this.wire.terminate();
  }

  /** Its socket is closed; what it is still owed is lost. */
  closed(error: Error | undefined): void {
    const isCut = error !== undefined || this.pending > 0;
    if (this.cause === "FIN" && isCut) this.cause = "RST";
    const isOfPath = this.cause === "FIN" || this.cause === "RST";
    if (isOfPath && isEndedByFault(this.wire)) this.cause = "fault";
    this.phase = "closed";
    // The collector would let it wait, as long as memory does not seem scarce.
    this.outbox.discard();
  }

  /** Bytes the kernel took: all but the pending, so that it need not count. */
  get bytesOut(): number {
    return this.bytesIn + this.added - this.outbox.pending;
  }
}
