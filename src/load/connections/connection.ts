import type { Wire } from "../../socket/wire.ts";
import type { Messages } from "../message/message.ts";
import type { InstanceTally } from "../worker/instances.ts";

/**
 * - `opening`: not connected yet.
 * - `open`: sends and receives.
 * - `finishing`: our FIN is out, the server's is awaited; surplus would show.
 * - `closed`: gone, or given up.
 */
type Phase = "opening" | "open" | "finishing" | "closed";

/**
 * When messages in flight were due and were sent: a ring of `room` places from
 * `first` on, in arrays that all connections share.
 */
export interface FlightTimes {
  due: Float64Array;
  sent: Float64Array;
  first: number;
  room: number;
}

/** One connection under load: where it is in its life, and what is in flight. */
export class LoadConnection {
  phase: Phase = "opening";
  wire!: Wire<LoadConnection>;
  /** The socket before it has opened: its TLS handshake may never end. */
  socket: Pick<Wire, "terminate"> | undefined = undefined;
  /** Messages in flight; their times are in a ring, the oldest at `head`. */
  inFlight = 0;
  private head = 0;
  /** Those of them that are to be sent in its next write. */
  dealt = 0;
  /** Whether a byte has come back. */
  answered = false;
  /** When the sweep last saw that bytes had come, and how many by then. */
  heardAt: number;
  heard = 0;
  /** When it stood, where something is asked before it is used. */
  connectedAt: number | undefined = undefined;
  /** Who serves it, where the server cooperates. */
  instance: InstanceTally | undefined = undefined;
  /** To be called when it has opened or failed. */
  settled: (() => void) | undefined = undefined;
  private readonly due: Float64Array;
  private readonly sent: Float64Array;
  private readonly first: number;
  private readonly room: number;

  constructor(
    readonly index: number,
    readonly messages: Messages,
    { due, sent, first, room }: FlightTimes,
    readonly openedAt = performance.now(),
  ) {
    this.heardAt = openedAt;
    this.due = due;
    this.sent = sent;
    this.first = first;
    this.room = room;
  }

  get isFull(): boolean {
    return this.inFlight === this.room;
  }

  /** @param due when a message was to be sent, `now` when it is */
  push(due: number, now: number): void {
    let at = this.head + this.inFlight;
    if (at >= this.room) at -= this.room;
    at += this.first;
    this.due[at] = due;
    this.sent[at] = now;
    this.inFlight += 1;
  }

  pop(): void {
    this.head = this.head + 1 === this.room ? 0 : this.head + 1;
    this.inFlight -= 1;
  }

  get oldestDue(): number {
    return this.due[this.first + this.head]!;
  }

  get oldestSent(): number {
    return this.sent[this.first + this.head]!;
  }

  /** How many of those in flight were due at a time or later. */
  dueFrom(from: number): number {
    const { head, first, room, due } = this;
    let count = 0;
    for (let index = 0; index < this.inFlight; index += 1) {
      if (due[first + ((head + index) % room)]! >= from) count += 1;
    }
    return count;
  }
}
