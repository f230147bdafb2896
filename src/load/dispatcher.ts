import type { LoadConnection } from "./connection.ts";
import type { Schedule } from "./pace.ts";
import { Queue } from "./queue.ts";

/** From here on a timer is too coarse, and turning on setImmediate begins. */
const TURN_BELOW = 2;
/** How much later than asked for a timer may be, in milliseconds. */
const TIMER_SLACK = 1.5;
/**
 * How long each turn watches the clock before it lets events in. A bare
 * setImmediate turns so often that its own garbage, some 70 MB a second, calls
 * the collector again and again; watching costs nobody more than this.
 */
const WATCH = 0.01;

/** What a dispatcher asks and tells. Times are by `performance.now()`. */
export interface DispatcherEvents {
  /** Whether a message due then is still to be sent. */
  takes(due: number): boolean;
  /** @returns whether the connection has room for another */
  send(connection: LoadConnection, due: number, now: number): boolean;
  /** How many milliseconds late the dispatcher itself was with a message. */
  late(ms: number, due: number): void;
  /** One was due when it all ended, and was never sent. */
  missed(due: number): void;
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
  private timer: Timer | undefined;
  private immediate: ReturnType<typeof setImmediate> | undefined;

  constructor(
    private readonly schedule: Schedule,
    private readonly events: DispatcherEvents,
  ) {}

  /** @param origin when message 0 is due, by `performance.now()` */
  start(origin: number): void {
    this.origin = origin;
    this.nextDue = origin + this.schedule();
    this.turn();
  }

  /** No further message is to be sent. */
  get exhausted(): boolean {
    return !this.events.takes(this.nextDue);
  }

  /** Ends it, and tells what is due and was not sent. */
  stop(): void {
    clearTimeout(this.timer);
    clearImmediate(this.immediate);
    const now = performance.now();
    while (this.nextDue <= now && !this.exhausted) {
      this.events.missed(this.nextDue);
      this.nextDue = this.origin + this.schedule();
    }
    this.nextDue = Infinity;
  }

  /** A connection that had no room has some. */
  release(connection: LoadConnection, now: number): void {
    this.free.push(connection);
    this.dispatch(now);
  }

  /** Sends what is due. */
  private dispatch(now: number): void {
    while (this.nextDue <= now && !this.exhausted) {
      const due = this.nextDue;
      const connection = this.takeFree();
      if (connection === undefined) {
        this.starved = true;
        return;
      }
      // One that waited for a connection was late for the server's sake.
      this.events.late(this.starved ? 0 : now - due, due);
      if (this.events.send(connection, due, now)) this.free.push(connection);
      this.nextDue = this.origin + this.schedule();
    }
    this.starved = false;
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
        this.timer = setTimeout(this.turn, Math.max(wait - TIMER_SLACK, 1));
        return;
      }
      now = performance.now();
    } while (now - began < WATCH);
    this.immediate = setImmediate(this.turn);
  };
}
