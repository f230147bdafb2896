import { Outbox } from "../socket/outbox.ts";
import { release } from "../socket/release.ts";
import type { Clock } from "./clock.ts";
import type { End, Ending, Receiver } from "./end.ts";
import type { Stage } from "./stage.ts";

/**
 * Bytes that a direction's faults hold before its source is paused. It is for a
 * delayed direction what a window is: no more than 1 MiB in each delay.
 */
const LIMIT = 1024 * 1024;

/** How long a reader that takes nothing holds up an RST behind its bytes. */
export const PATIENCE = 1000;

/** What supersedes what: after a FIN there may still be an RST. */
const RANK: Record<Ending, number> = {
  finish: 1,
  truncate: 1,
  close: 2,
  gone: 2,
  abort: 3,
  reset: 4,
};

/**
 * One direction of a connection: what comes from its source goes through its
 * faults to its sink, as fast as the sink takes it.
 */
export class Pipe implements Receiver {
  /** Bytes that have come from the source. */
  offset = 0;
  /** Whether the source is to send nothing. */
  paused = false;
  /** The sink was found to be gone. */
  refused = false;
  private stages: readonly Stage[] = [];
  private head: Receiver;
  private readonly tail: Receiver;
  /** What its sink has not taken. */
  outbox = new Outbox();
  /** Bytes that its faults hold, or have let get lost: more came out if below 0. */
  private withheld = 0;
  /** Bytes that never got to its sink, which was gone. */
  lost = 0;
  /** There is no fault on the connection. */
  private isPlain = true;
  private ended: Ending | undefined;
  /** Its end waits for the outbox. */
  private isEnding = false;
  private isClosed = false;
  private cancelPatience: () => void = () => {};

  constructor(
    private readonly source: End,
    private readonly sink: End,
    private readonly clock: Clock,
    /** Bytes have come, where there are faults. */
    private readonly active: () => void,
    /** What is owed to its sink has changed: it stalls, or took some of it. */
    private readonly owed: () => void = () => {},
  ) {
    this.tail = {
      bytes: (chunk) => {
        this.withheld -= chunk.length;
        this.deliver(chunk);
      },
      end: (how) => this.conclude(how),
    };
    this.head = this.tail;
  }

  /** Whether its faults hold bytes, which will go on by themselves. */
  get isHolding(): boolean {
    return this.stages.some(({ held, blocked }) => held > 0 && !blocked);
  }

  /** Whether its sink hears nothing of it any more. */
  get isSilent(): boolean {
    return this.stages.some(({ silent }) => silent);
  }

  /** Bytes that its sink has taken. */
  get sent(): number {
    return this.offset - this.withheld - this.lost - this.outbox.pending;
  }

  /** Whether the sink takes bytes at once, or wants none any more. */
  get hasRoom(): boolean {
    return this.isClosed || (this.outbox.pending === 0 && !this.sink.isFull);
  }

  /** Takes all of `chunk`, which is its own from now on. */
  bytes(chunk: Buffer): void {
    this.offset += chunk.length;
    if (this.isPlain) {
      if (this.deliver(chunk)) release(chunk);
      else this.settle();
      return;
    }
    this.active();
    this.withheld += chunk.length;
    this.head.bytes(chunk);
    this.settle();
  }

  /**
   * As a socket's write(): the bytes stay the caller's.
   * @returns how many were taken; for the others resume() is called
   */
  offer(bytes: Uint8Array): number {
    if (this.isClosed) return bytes.length;
    if (this.stages.length === 0 && this.outbox.pending === 0) {
      if (!this.isPlain) this.active();
      const taken = this.sink.write(bytes);
      this.offset += Math.max(taken, 0);
      return taken;
    }
    let taken = 0;
    while (taken < bytes.length && !this.paused) {
      const piece = bytes.subarray(taken, taken + LIMIT);
      taken += piece.length;
      this.bytes(Buffer.from(piece));
    }
    return taken;
  }

  end(how: Ending): void {
    this.head.end(how);
    this.settle();
  }

  /**
   * Puts other faults on it; what the ones before hold goes on at once.
   * @param isPlain whether the other direction has none, either
   */
  setStages(stages: readonly Stage[], isPlain: boolean): void {
    for (const stage of this.stages.toReversed()) stage.leave(this.tail);
    this.stages = stages;
    this.isPlain = isPlain;
    this.head = stages[0] ?? this.tail;
    for (const [n, stage] of stages.entries()) {
      stage.connect(stages[n + 1] ?? this.tail);
    }
  }

  /** To be called once the other direction has its stages, too. */
  start(): void {
    for (const stage of this.stages) stage.start();
    this.settle();
  }

  /** The sink has room again. */
  drained(): void {
    if (this.outbox.pending > 0 && !this.flush()) return;
    if (this.isEnding) this.sayEnd();
    for (const stage of this.stages) stage.roomAgain();
    this.settle();
  }

  /** The sink is gone: what still comes gets lost. */
  close(): void {
    this.isClosed = true;
    this.lost += this.outbox.pending;
    this.outbox = new Outbox();
    this.owed();
    this.cancelPatience();
    this.settle();
  }

  /** Pauses or resumes the source, as what is held wants it. */
  settle(): void {
    const held = this.stages.reduce((sum, stage) => sum + stage.held, 0);
    const most = this.paused ? LIMIT / 2 : LIMIT;
    const paused =
      this.stages.some(({ blocked }) => blocked) ||
      !this.hasRoom ||
      held >= most;
    if (paused === this.paused) return;
    this.paused = paused;
    if (paused) this.source.pause();
    else this.source.resume();
  }

  /** @returns whether the sink took all of it */
  private deliver(chunk: Buffer): boolean {
    // Behind a FIN there is nothing.
    if (this.isClosed || this.ended !== undefined) {
      this.lost += chunk.length;
      return false;
    }
    if (this.outbox.send(this.sink, chunk)) return true;
    if (!this.checkSink()) this.owed();
    return false;
  }

  /** @returns whether nothing is left */
  private flush(): boolean {
    const { pending } = this.outbox;
    const done = this.outbox.flush(this.sink);
    if (this.checkSink()) return false;
    this.owed();
    if (!done && this.isEnding && this.outbox.pending < pending) {
      this.bePatient();
    }
    return done;
  }

  /** @returns whether it is gone: Bun tells no end of one that is paused then */
  private checkSink(): boolean {
    if (!this.outbox.refused) return false;
    this.refused = true;
    this.conclude("reset");
    return true;
  }

  private conclude(how: Ending): void {
    if (this.isClosed) return;
    if (this.ended !== undefined && RANK[how] <= RANK[this.ended]) return;
    this.ended = how;
    this.isEnding = true;
    if (how === "reset" || this.outbox.pending === 0) this.sayEnd();
    else this.bePatient();
  }

  private bePatient(): void {
    this.cancelPatience();
    if (this.ended !== "abort") return;
    const due = this.clock.now() + PATIENCE;
    this.cancelPatience = this.clock.at(due, () => this.sayEnd());
  }

  private sayEnd(): void {
    const how = this.ended!;
    this.isEnding = false;
    // Nothing but a FIN leaves the sink there.
    if (RANK[how] > RANK.finish) this.close();
    this.sink.end(how);
  }
}
