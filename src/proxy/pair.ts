import type { Admission } from "../faults/admit.ts";
import type { Clock } from "../faults/clock.ts";
import { type FaultEvent, Link } from "../faults/link.ts";
import type { Pipe } from "../faults/pipe.ts";
import { SocketEnd } from "../faults/socket-end.ts";
import { type Session, sessionName } from "../inbound/session.ts";
import { clientHeader } from "../socket/dial/send-proxy.ts";
import type { Origin, Permit, Wire } from "../socket/wire.ts";
import { TargetEnd } from "./target-end.ts";

/** Milliseconds of silence after which the kernel asks whether a peer is there. */
const KEEP_ALIVE = 60_000;

/**
 * Why a connection ended: who finished first (`client-FIN`, `target-FIN`),
 * reset it (`client-RST`, `target-RST`) or finished without the end of TLS
 * (`truncated`); the target could not be had (`unreachable`); a `fault` ended
 * it; this proxy was stopping (`stop`), or ended it because it was `idle`, open
 * for too long (`lifetime`) or one side took too little (`pending`); or our own
 * code failed (`error`).
 */
export type ProxyCause =
  | "client-FIN"
  | "target-FIN"
  | "client-RST"
  | "target-RST"
  | "truncated"
  | "unreachable"
  | "fault"
  | "stop"
  | "idle"
  | "lifetime"
  | "pending"
  | "error";

/** What ends a connection, whatever its sides do. */
const ENDING: readonly string[] = ["reset", "finish", "finish-as-reset"];

export type SideName = "client" | "target";

/** One side of a pair: what its socket's events mean. It is its `data`. */
export class Side {
  constructor(
    readonly pair: Pair,
    readonly name: SideName,
    private readonly end: { closed: boolean },
    /** Where goes what comes from it. */
    readonly out: Pipe,
    /** What it is owed. */
    readonly back: Pipe,
  ) {}

  finished(truncated: boolean): void {
    this.pair.because(truncated ? "truncated" : `${this.name}-FIN`);
    this.out.end(truncated ? "truncate" : "finish");
  }

  closed(error: Error | undefined): void {
    this.end.closed = true;
    const isReset = error !== undefined || this.back.refused;
    if (isReset) this.pair.wasEnded(`${this.name}-RST`);
    this.back.close();
    // What came before an RST was on its way already.
    this.out.end(isReset ? "abort" : "gone");
    this.pair.sideClosed();
  }
}

export interface PairOptions {
  id: number;
  permit: Permit | undefined;
  seed: number;
  clock: Clock;
  onFault(event: FaultEvent): void;
  onOwed(pipe: Pipe, pair: Pair): void;
  /** Both sides are closed. */
  onClosed(pair: Pair): void;
}

/** A client's connection, and ours to the target. */
export class Pair implements Session {
  phase: "open" | "finished" | "closed" = "open";
  /** Why the target could not be had. */
  error: Error | undefined = undefined;
  /** From `performance.now()`, in milliseconds. */
  readonly openedAt = performance.now();
  readonly link: Link;
  readonly client: Side;
  readonly target: Side;
  /** Where the target was found: empty until it was. */
  targetName = "";
  private ended: ProxyCause | undefined = undefined;
  private readonly clientEnd: SocketEnd;
  private readonly targetEnd: TargetEnd;
  private readonly abandoned = new AbortController();
  /** Who the client is: one that has gone can't tell any more. */
  private readonly path: Origin & Pick<Wire, "localPort">;

  constructor(
    wire: Wire,
    private readonly options: PairOptions,
  ) {
    const { id, clock, seed, onFault } = options;
    const { remoteAddress, remotePort, localAddress, localPort } = wire;
    this.path = { remoteAddress, remotePort, localAddress, localPort };
    this.clientEnd = new SocketEnd(wire, clock);
    this.targetEnd = new TargetEnd(clock, () => this.abandon());
    this.link = new Link(this.clientEnd, this.targetEnd, {
      id,
      seed,
      clock,
      header: (version) => this.header(version),
      onFault: (event) => {
        const [action = ""] = event.fault.split(" ");
        if (ENDING.includes(action)) this.wasEnded("fault");
        onFault(event);
      },
      onOwed: (pipe) => options.onOwed(pipe, this),
    });
    const { toClient, toServer } = this.link;
    this.client = new Side(this, "client", this.clientEnd, toServer, toClient);
    this.target = new Side(this, "target", this.targetEnd, toClient, toServer);
    wire.data = this.client;
    wire.setKeepAlive(true, KEEP_ALIVE);
  }

  /** A PROXY header about the client. */
  header(version: 1 | 2): Buffer {
    return clientHeader(this.path, version);
  }

  /** Nobody waits for the target any more. */
  get signal(): AbortSignal {
    return this.abandoned.signal;
  }

  get id(): number {
    return this.options.id;
  }
  get name(): string {
    return sessionName(this.id, this.path);
  }
  get bytesIn(): number {
    return this.link.toServer.offset;
  }
  get bytesOut(): number {
    return this.link.toClient.sent;
  }
  /** Bytes of either side that the other has not taken. */
  get pending(): number {
    const { toClient, toServer } = this.link;
    return toClient.outbox.pending + toServer.outbox.pending;
  }
  /** A fault keeps one side from hearing of the other, for good. */
  private get isSilent(): boolean {
    return this.link.toServer.isSilent || this.link.toClient.isSilent;
  }
  get isPaused(): boolean {
    const { toClient, toServer } = this.link;
    const isPaused = toServer.paused || toClient.paused || this.isWaiting;
    return isPaused && !this.isSilent;
  }
  /** Faults hold bytes of it. */
  get isWaiting(): boolean {
    return this.link.toServer.isHolding || this.link.toClient.isHolding;
  }
  get cause(): ProxyCause {
    // Without a fault, one of the sides is the first to end.
    return this.ended ?? "fault";
  }

  /** Puts faults on it, instead of those before. */
  setFaults({ chosen }: Admission): void {
    if (this.phase !== "closed") this.link.setFaults(chosen);
  }

  connected(wire: Wire): void {
    wire.data = this.target;
    wire.setKeepAlive(true, KEEP_ALIVE);
    this.targetEnd.connected(wire);
    this.link.toServer.drained();
  }

  /** The client is told as we were: with a reset. */
  unreachable(error: Error): void {
    if (this.targetEnd.closed) return;
    this.error = error;
    this.because("unreachable");
    this.targetEnd.closed = true;
    this.link.toServer.close();
    this.clientEnd.end("reset");
    this.sideClosed();
  }

  private abandon(): void {
    this.targetEnd.closed = true;
    this.abandoned.abort();
    this.sideClosed();
  }

  /** The first cause is the one that is told. */
  because(cause: ProxyCause): void {
    this.ended ??= cause;
  }
  /** A reset behind a FIN is told, and what a fault does. */
  wasEnded(cause: `${SideName}-RST` | "fault"): void {
    const isFin = this.ended === "client-FIN" || this.ended === "target-FIN";
    if (this.ended === undefined || isFin) this.ended = cause;
  }

  finish(cause: "stop" | "idle" | "lifetime"): void {
    // Nothing would come of a FIN.
    if (this.isSilent) {
      this.reset(cause);
      return;
    }
    this.phase = "finished";
    this.because(cause);
    this.eachEnd("finish");
  }

  close(cause: "idle" | "lifetime"): void {
    if (this.pending > 0) {
      this.reset(cause);
      return;
    }
    this.because(cause);
    // Over TLS, the end alone awaits the peer's for some seconds.
    this.eachEnd("finish");
    this.eachEnd("close");
  }

  reset(cause: ProxyCause): void {
    this.because(cause);
    // Neither is told of the other's end.
    this.link.toClient.close();
    this.link.toServer.close();
    this.eachEnd("reset");
  }

  private eachEnd(how: "finish" | "close" | "reset"): void {
    this.targetEnd.end(how);
    this.clientEnd.end(how);
  }

  sideClosed(): void {
    if (!this.clientEnd.closed || !this.targetEnd.closed) return;
    if (this.phase === "closed") return;
    this.phase = "closed";
    this.link.stop();
    this.options.permit?.release();
    this.options.onClosed(this);
  }
}
