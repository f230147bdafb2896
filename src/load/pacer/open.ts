import type { LoadConnection } from "../connection.ts";
import type { Schedule } from "./schedule.ts";
import { Queue } from "../queue.ts";

/** From here on a timer is too coarse, and turning on setImmediate begins. */
const TURN_BELOW = 2;
/** A timer takes anything longer for 1 ms. */
const TIMER_MAX = 2 ** 31 - 1;
/** How much later than asked for a timer may be, in milliseconds. */
const TIMER_SLACK = 1.5;
/**
 * How long each turn watches the clock before it lets events in. A bare
 * setImmediate turns so often that its own garbage, some 70 MB a second, calls
 * the collector again and again; watching costs nobody more than this.
 */
const WATCH = 0.01;
/** Looks at the clock are never so far apart, unless the process stood still. */
const STALL = 5;

/** What a dispatcher asks and tells. Times are by `performance.now()`. */
export interface DispatcherEvents {
  /** Whether a message due then is still to be sent. */
  takes(due: number): boolean;
  /** @returns whether the connection has room for another */
  send(connection: LoadConnection, due: number, now: number): boolean;
  /** How many milliseconds late the dispatcher itself was with a message. */
  late(ms: number, due: number): void;
}

/**
 * The open loop: gives each message, once it is due, to the next connection, in
 * turn, that has room for it. A message that finds none waits, and its latency
 * counts from when it was due all the same.
 */
export class Dispatcher {
  /** Those with room, each once. */
  private readonly free = new Queue<LoadConnection>();
  private origin = 0;
  private nextDue = Infinity;
  private starved = false;
  /** When dispatch() last looked at what is due. */
  private lookedAt = 0;
  /** When it could not look, as far as what is due then has not been sent. */
  private readonly stalls: { from: number; to: number }[] = [];
  private timer: Timer | undefined;
  private immediate: ReturnType<typeof setImmediate> | undefined;

  constructor(
    private readonly schedule: Schedule,
    private readonly events: DispatcherEvents,
  ) {}

  /** @param origin when message 0 is due, by `performance.now()` */
  start(origin: number): void {
    this.origin = origin;
    this.lookedAt = origin;
    this.nextDue = origin + this.schedule.next();
    this.turn();
  }

  /** No further message is to be sent. */
  get exhausted(): boolean {
    return !this.events.takes(this.nextDue);
  }

  /**
   * Gives up what was due before `end` and has not been sent.
   * @returns how many messages that is
   */
  skip(end: number): number {
    if (this.nextDue >= end) return 0;
    const skipped = 1 + this.schedule.skip(end - this.origin);
    this.nextDue = this.origin + this.schedule.next();
    return skipped;
  }

  /** Sends nothing any more. */
  stop(): void {
    clearTimeout(this.timer);
    clearImmediate(this.immediate);
    this.nextDue = Infinity;
  }

  /** A connection that had no room has some. */
  release(connection: LoadConnection, now: number): void {
    this.free.push(connection);
    this.dispatch(now);
  }

  /** Sends what is due. */
  private dispatch(now: number): void {
    if (now - this.lookedAt > STALL) {
      this.stalls.push({ from: this.lookedAt, to: now });
    }
    this.lookedAt = now;
    while (this.nextDue <= now && !this.exhausted) {
      const due = this.nextDue;
      const connection = this.takeFree();
      if (connection === undefined) {
        this.starved = true;
        return;
      }
      this.events.late(this.starved ? this.stalledAt(due) : now - due, due);
      if (this.events.send(connection, due, now)) this.free.push(connection);
      this.nextDue = this.origin + this.schedule.next();
    }
    this.starved = false;
    this.stalls.length = 0;
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

  private takeFree(): LoadConnection | undefined {
    for (;;) {
      const connection = this.free.shift();
      // A lost connection leaves its place in the queue behind.
      if (connection === undefined || connection.phase === "open") {
        return connection;
      }
    }
  }

  private readonly turn = (): void => {
    const began = performance.now();
    let now = began;
    do {
      this.dispatch(now);
      if (this.exhausted) return;
      const wait = this.nextDue - now;
      if (wait > TURN_BELOW || this.starved) {
        const sleep = Math.max(wait - TIMER_SLACK, 1);
        this.timer = setTimeout(this.turn, Math.min(sleep, TIMER_MAX));
        return;
      }
      now = performance.now();
    } while (now - began < WATCH);
    this.immediate = setImmediate(this.turn);
  };
}
