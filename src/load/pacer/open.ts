import type { TimeCounts } from "../../result/times.ts";
import type { Window } from "../worker/window.ts";
import type { Pacer } from "./pacer.ts";
import type { Schedule } from "./schedule.ts";

/** Looks at the clock are never so far apart, unless the process stood still. */
const STALL = 5;

/**
 * The open loop: messages are due by a schedule. One that finds no connection
 * with room waits, and its latency counts from when it was due all the same.
 */
export class OpenPacer implements Pacer {
  due = Infinity;
  held = false;
  private origin = 0;
  /** When it was last looked at what is due. */
  private lookedAt = 0;
  /** When nobody could look, as far as what is due then has not been taken. */
  private readonly stalls: { from: number; to: number }[] = [];

  /** @param pacing how late the generator itself was with messages that count */
  constructor(
    private readonly schedule: Schedule,
    private readonly window: Window,
    private readonly pacing: TimeCounts,
  ) {}

  start(origin: number): void {
    this.origin = origin;
    this.lookedAt = origin;
    this.advance();
  }

  next(now: number): number {
    const { due } = this;
    if (!this.look(now)) return Infinity;
    if (this.window.counts(due)) {
      this.pacing.record((this.held ? this.stalledAt(due) : now - due) * 1000);
    }
    this.advance();
    return due;
  }

  hold(now: number): void {
    if (this.look(now)) this.held = true;
  }

  isExhausted(): boolean {
    return !this.window.takes(this.due);
  }

  skip(end: number): number {
    if (this.due >= end) return 0;
    const skipped = 1 + this.schedule.skip(end - this.origin);
    this.advance();
    return skipped;
  }

  private advance(): void {
    this.due = this.origin + this.schedule.next();
  }

  /** @returns whether a message is due */
  private look(now: number): boolean {
    if (now - this.lookedAt > STALL) {
      this.stalls.push({ from: this.lookedAt, to: now });
    }
    this.lookedAt = now;
    if (this.due <= now && this.window.takes(this.due)) return true;
    this.held = false;
    this.stalls.length = 0;
    return false;
  }

  /**
   * How long after `due` it was seen that a message was: all that is our own
   * fault with one that waited for a connection.
   */
  private stalledAt(due: number): number {
    const { stalls } = this;
    while (stalls.length > 0 && stalls[0]!.to < due) stalls.shift();
    const [stall] = stalls;
    return stall !== undefined && stall.from < due ? stall.to - due : 0;
  }
}
