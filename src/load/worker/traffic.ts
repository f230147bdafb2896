import type { ErrorCode } from "../../errors/codes.ts";
import { type FlightTimes, LoadConnection } from "../connections/connection.ts";
import type { ConnectionUser } from "../connections/connections.ts";
import type { Finding, MessageKind } from "../message/message.ts";
import { Streams } from "../message/stream.ts";
import { ClosedPacer } from "../pacer/closed.ts";
import { OpenPacer } from "../pacer/open.ts";
import type { Pacer } from "../pacer/pacer.ts";
import { scheduleOf } from "../pacer/schedule.ts";
import type { Plan } from "../plan.ts";
import { Queue } from "../connections/queue.ts";
import { Seconds } from "./seconds.ts";
import { FAULTS_TOLD, type Tally } from "./tally.ts";
import { Ticker } from "./ticker.ts";
import type { Window } from "./window.ts";

/**
 * The traffic of one process: sends messages when the pacer has some, checks
 * all that comes back, and counts.
 *
 * What a message costs is in receive(), release() and fill(), and in what its
 * Messages do: one look at the clock, one native comparison, one write, and
 * additions.
 */
export class Traffic implements ConnectionUser {
  readonly seconds: Seconds;
  /** When a message last came back. */
  lastAnswer = 0;

  private started = false;
  /** Connections that are open and have been answered. */
  private serving = 0;
  /** All that have room, each once; some may have been lost meanwhile. */
  private readonly free = new Queue<LoadConnection>();
  /** Those that are to send what was just dealt to them. */
  private readonly dealtTo: LoadConnection[] = [];
  private readonly ticker: Ticker;
  private readonly times: Pick<FlightTimes, "due" | "sent">;
  private readonly open: boolean;

  constructor(
    private readonly plan: Plan,
    protected readonly window: Window,
    private readonly tally: Tally,
    private readonly pacer: Pacer = pacerOf(plan, window, tally),
    private readonly kind: MessageKind = new Streams(plan),
  ) {
    const room = plan.share.count * plan.pipeline;
    this.times = { due: new Float64Array(room), sent: new Float64Array(room) };
    this.seconds = new Seconds(tally);
    this.open = plan.rate !== undefined;
    this.ticker = new Ticker((now) => this.tick(now));
  }

  /**
   * Starts the traffic, on connections that open later too.
   * @param connections those that are open
   * @param origin when an open loop's first message is due
   */
  start(connections: Iterable<LoadConnection>, origin: number): void {
    this.started = true;
    const now = performance.now();
    for (const connection of connections) this.release(connection, now);
    this.pacer.start(origin);
    this.ticker.start();
  }

  /** Goes on where a closed loop's window had ended, and is open again. */
  resume(): void {
    this.ticker.start();
  }

  /** Whether no message is to be sent any more. */
  get exhausted(): boolean {
    return this.pacer.isExhausted(performance.now());
  }

  /** Stops sending, and counts what was due and is left unsent. */
  stop(): void {
    const { window, pacer, tally } = this;
    const end = Math.min(window.until, performance.now());
    window.end(0);
    pacer.skip(Math.min(window.from, end));
    tally.unsent += Math.min(pacer.skip(end), window.left);
    this.ticker.stop();
  }

  /** Messages in flight on connections, of those that count. */
  inFlight(connections: Iterable<LoadConnection>): number {
    let sum = 0;
    for (const one of connections) sum += one.dueFrom(this.window.from);
    return sum;
  }

  /** What is in flight on connections will not be awaited any more. */
  giveUp(_connections: Iterable<LoadConnection>): void {}

  create(index: number): LoadConnection {
    const { share, pipeline: room } = this.plan;
    const first = (index - share.first) * room;
    const times = { ...this.times, first, room };
    return new LoadConnection(index, this.kind.on(index), times);
  }

  opened(connection: LoadConnection): void {
    if (this.started) this.release(connection, performance.now());
  }

  lost(connection: LoadConnection): void {
    if (connection.answered) this.serving -= 1;
    this.seconds.givenUp += connection.dueFrom(this.window.from);
    connection.inFlight = 0;
  }

  isDone(connection: LoadConnection): boolean {
    return connection.inFlight === 0 && this.exhausted;
  }

  receive(connection: LoadConnection, chunk: Buffer): ErrorCode | undefined {
    const now = performance.now();
    const { messages } = connection;
    const complete = messages.receive(chunk);
    if (!connection.answered && messages.received > 0) {
      this.answered(connection, now);
    }
    const wasFull = connection.isFull;
    for (let left = complete; left > 0; left -= 1) {
      this.complete(connection, now);
    }
    if (messages.finding !== undefined) {
      return this.fault(connection, messages.finding);
    }
    if (complete === 0) return undefined;
    this.lastAnswer = now;
    if (wasFull) this.release(connection, now);
    return undefined;
  }

  /** The first byte of a connection is back. */
  private answered(connection: LoadConnection, now: number): void {
    connection.answered = true;
    this.tally.firstByte.record((now - connection.oldestSent) * 1000);
    this.serving += 1;
    this.tally.served = Math.max(this.tally.served, this.serving);
  }

  /** The oldest message of a connection is back. */
  protected complete(connection: LoadConnection, now: number): void {
    const due = connection.oldestDue;
    const { window, seconds } = this;
    if (window.countsAnswer(due, now)) seconds.answers += 1;
    if (window.counts(due)) {
      seconds.latency.record((now - due) * 1000);
      if (this.open) {
        this.tally.service.record((now - connection.oldestSent) * 1000);
      }
    }
    connection.pop();
  }

  private fault(
    { index }: LoadConnection,
    { fault, mismatched }: Finding,
  ): ErrorCode {
    this.tally.mismatched += mismatched;
    const { faults } = this.tally;
    if (faults.length < FAULTS_TOLD) {
      faults.push({ connection: index, ...fault });
    }
    return "EMISMATCH";
  }

  /** A connection that had no room has some. */
  private release(connection: LoadConnection, now: number): void {
    if (this.free.length === 0) {
      // What has come due since the last one was full could not be sent.
      this.pacer.hold(now);
      this.fill(connection, now);
    }
    if (!connection.isFull) this.queue(connection, now);
  }

  private queue(connection: LoadConnection, now: number): void {
    this.free.push(connection);
    this.deal(now);
    this.ticker.wake();
  }

  /** Sends what is due on the only connection with room, as far as it has. */
  private fill(connection: LoadConnection, now: number): void {
    let count = 0;
    while (!connection.isFull) {
      const due = this.pacer.next(now);
      if (due > now) break;
      this.commit(connection, due, now);
      count += 1;
    }
    if (count > 0) connection.messages.send(connection.wire, count);
  }

  /**
   * Gives each message that is due to the next connection, in turn, that has
   * room for it. Where more are due than connections are free, each sends its
   * share in one write.
   */
  private deal(now: number): void {
    const { free, pacer, dealtTo } = this;
    for (;;) {
      const connection = this.nextFree();
      if (connection === undefined) {
        pacer.hold(now);
        break;
      }
      const due = pacer.next(now);
      if (due > now) break;
      this.commit(connection, due, now);
      free.shift();
      if (connection.dealt === 0) dealtTo.push(connection);
      connection.dealt += 1;
      if (!connection.isFull) free.push(connection);
    }
    for (const connection of dealtTo) {
      connection.messages.send(connection.wire, connection.dealt);
      connection.dealt = 0;
    }
    dealtTo.length = 0;
  }

  private nextFree(): LoadConnection | undefined {
    let connection = this.free.peek();
    while (connection !== undefined && connection.phase !== "open") {
      this.free.shift();
      connection = this.free.peek();
    }
    return connection;
  }

  private commit(connection: LoadConnection, due: number, now: number): void {
    connection.push(due, now);
    if (this.window.counts(due)) this.tally.sent += 1;
  }

  /** @returns in how many milliseconds it is to be called again */
  private tick(now: number): number {
    const { pacer } = this;
    this.deal(now);
    if (pacer.isExhausted(now)) return Infinity;
    // Who awaits room is called by it.
    return pacer.held ? 0 : pacer.due - now;
  }
}

function pacerOf(plan: Plan, window: Window, tally: Tally): Pacer {
  const schedule = scheduleOf(plan);
  return schedule === undefined
    ? new ClosedPacer(window)
    : new OpenPacer(schedule, window, tally.pacing);
}
