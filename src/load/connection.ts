import type { Wire } from "../socket/wire.ts";
import { PERIOD } from "./message/payload.ts";

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

/**
 * One connection under load. Its stream is a walk through the payload block, so
 * two places in it say what is to be sent next and what must come next; what
 * the kernel did not take needs no queue.
 */
export class LoadConnection {
  phase: Phase = "opening";
  wire!: Wire<LoadConnection>;
  /** The socket before it has opened: its TLS handshake may never end. */
  socket: Pick<Wire, "terminate"> | undefined = undefined;
  /** Place in the block of the next byte to send. */
  sendPlace: number;
  /** Place in the block of the next byte to receive. */
  readPlace: number;
  /** Bytes of messages sent that the kernel has not taken. */
  pending = 0;
  /** Bytes sent or pending that have not come back. */
  outstanding = 0;
  /** Bytes of payload that came back, all in all. */
  received = 0;
  /** Bytes of the oldest message in flight that came back. */
  partial = 0;
  /** Bytes still to come of a stamp that has begun. */
  stampLeft = 0;
  /** Messages in flight; their times are in a ring, the oldest at `head`. */
  inFlight = 0;
  private head = 0;
  /** Whether a byte has come back. */
  answered = false;
  /** When the sweep last saw that bytes had come, and how many by then. */
  heardAt: number;
  heard = 0;
  /** A write met a reset, of which no event tells. */
  refused = false;
  /** To be called when it has opened or failed. */
  settled: (() => void) | undefined = undefined;

  constructor(
    readonly index: number,
    start: number,
    readonly openedAt: number,
    private readonly times: FlightTimes,
  ) {
    this.sendPlace = start;
    this.readPlace = start;
    this.heardAt = openedAt;
  }

  /** @param due when a message was to be sent, `now` when it is */
  push(due: number, now: number): void {
    const { times } = this;
    let at = this.head + this.inFlight;
    if (at >= times.room) at -= times.room;
    times.due[times.first + at] = due;
    times.sent[times.first + at] = now;
    this.inFlight += 1;
  }

  get oldestDue(): number {
    return this.times.due[this.times.first + this.head]!;
  }

  get oldestSent(): number {
    return this.times.sent[this.times.first + this.head]!;
  }

  /** How many of those in flight were due at a time or later. */
  dueFrom(from: number): number {
    const { first, room, due } = this.times;
    let count = 0;
    for (let index = 0; index < this.inFlight; index += 1) {
      if (due[first + ((this.head + index) % room)]! >= from) count += 1;
    }
    return count;
  }

  pop(): void {
    this.head = this.head + 1 === this.times.room ? 0 : this.head + 1;
    this.inFlight -= 1;
  }

  /** Offers all that is pending; what the kernel leaves waits until it has room. */
  write(block: Buffer): void {
    while (this.pending > 0) {
      const length = Math.min(this.pending, PERIOD);
      const taken = this.wire.write(block, this.sendPlace, length);
      if (taken > 0) {
        this.pending -= taken;
        this.sendPlace += taken;
        if (this.sendPlace >= PERIOD) this.sendPlace -= PERIOD;
      }
      if (taken < 0) this.refused = true;
      if (taken !== length) return;
    }
  }
}
