import { TimeCounts } from "../result/times.ts";
import { dialler } from "../socket/dial/dial.ts";
import { release } from "../socket/release.ts";
import type { Wire, WireHandlers } from "../socket/wire.ts";
import type { LoadConnection } from "./connection.ts";
import { type Finding, inPayload, inStamp } from "./message/diagnosis.ts";
import { Dispatcher } from "./pacer/open.ts";
import { type Payload, payloadOf, PERIOD } from "./message/payload.ts";
import { type Plan, scheduleOf } from "./plan.ts";
import { Pool, type PoolEvents } from "./connections.ts";
import { REPLIES } from "../protocol/reply.ts";
import { damageOf, nextStamp, skipStamp } from "../protocol/stamp/parser.ts";
import { FAULTS_TOLD, type SecondTally, Tally } from "./tally.ts";

/**
 * The traffic of one process: sends messages, checks every byte that comes
 * back, and counts. When to begin and end is for drive.ts.
 *
 * What a message costs is in socketOnData(), receive() and send(): one look at
 * the clock, one native comparison, one write, and additions.
 */
export class Generator {
  readonly tally = new Tally();
  readonly pool: Pool;
  /** Messages due before this do not count; by `performance.now()`. */
  countFrom = Infinity;
  /** Messages due from here on are not sent. */
  sendUntil = Infinity;
  /** Messages in flight on all connections. */
  inFlight = 0;
  /** When a message last came back. */
  lastAnswer = 0;
  /**
   * Messages that came back from `countFrom` on, whenever they were due; of a
   * number of messages, those of that number.
   */
  answers = 0;

  private readonly payload: Payload;
  private readonly dispatcher: Dispatcher | undefined;
  private readonly size: number;
  /** Whether a number of messages is asked for, not a duration. */
  private readonly numbered: boolean;
  private started = false;
  /** Messages that count and are still to be sent. */
  private left: number;
  private latency = new TimeCounts();
  /** Messages that count, and will have no answer. */
  private givenUp = 0;
  private secondStart = { answers: 0, failures: 0, givenUp: 0 };

  /** @param dial how connections are dialled */
  constructor(
    private readonly plan: Plan,
    dial: typeof dialler = dialler,
  ) {
    this.size = plan.size;
    this.numbered = plan.messages !== undefined;
    this.left = plan.messages ?? Infinity;
    this.payload = payloadOf(plan.seed);
    const schedule = scheduleOf(plan);
    if (schedule !== undefined) {
      this.dispatcher = new Dispatcher(schedule, {
        takes: (due) => this.takes(due),
        send: (connection, due, now) => this.sendDue(connection, due, now),
        late: (late, due) => {
          if (due >= this.countFrom) this.tally.pacing.record(late * 1000);
        },
      });
    }
    const events: PoolEvents = {
      opened: (connection) => {
        if (this.started) this.begin(connection);
      },
      lost: (connection) => {
        this.givenUp += connection.dueFrom(this.countFrom);
        this.inFlight -= connection.inFlight;
        connection.inFlight = 0;
      },
      isDone: (connection) => connection.inFlight === 0 && this.exhausted,
    };
    this.pool = new Pool(
      plan,
      this.payload,
      this.tally,
      this.handlers(),
      events,
      dial,
    );
  }

  /**
   * Starts the traffic, on connections that open later too.
   * @param origin when an open loop's first message is due
   */
  start(origin: number): void {
    this.started = true;
    for (const connection of this.pool.connections) {
      if (connection?.phase === "open") this.begin(connection);
    }
    this.dispatcher?.start(origin);
  }

  /** Whether no message is to be sent any more. */
  get exhausted(): boolean {
    return this.dispatcher === undefined
      ? !this.takes(performance.now())
      : this.dispatcher.exhausted;
  }

  /** Stops sending, and counts what was due and is left unsent. */
  stop(): void {
    const end = Math.min(this.sendUntil, performance.now());
    this.sendUntil = 0;
    if (this.dispatcher === undefined) return;
    this.dispatcher.skip(Math.min(this.countFrom, end));
    const unsent = Math.min(this.dispatcher.skip(end), this.left);
    this.tally.unsent += unsent;
    this.left -= unsent;
    this.dispatcher.stop();
  }

  /** Opens the books on the first second. */
  startSeconds(): void {
    this.secondStart.failures = this.tally.failed;
  }

  /** No answer is awaited any more, and nothing is sent. */
  giveUpRest(): void {
    const { sent, received, unsent } = this.tally;
    this.givenUp = sent - received - this.latency.total + unsent;
  }

  /**
   * Closes the books on a second, and opens those of the next.
   * @param answers how many had come back by its end
   */
  takeSecond(second: number, answers = this.answers): SecondTally {
    const failures = this.tally.failed;
    const { givenUp } = this;
    const taken = {
      second,
      messages: answers - this.secondStart.answers,
      errors: failures - this.secondStart.failures,
      unanswered: givenUp - this.secondStart.givenUp,
      latency: this.latency,
    };
    this.tally.latency.add(this.latency);
    this.latency = new TimeCounts();
    this.secondStart = { answers, failures, givenUp };
    return taken;
  }

  private handlers(): WireHandlers<LoadConnection> {
    const data =
      REPLIES[this.plan.reply].beforeChunk === 0
        ? (wire: Wire<LoadConnection>, chunk: Buffer) => {
            this.receive(wire.data, chunk);
            release(chunk);
          }
        : (wire: Wire<LoadConnection>, chunk: Buffer) => {
            this.receiveStamped(wire.data, chunk);
            release(chunk);
          };
    return {
      data,
      open: (wire) => this.pool.opened(wire.data, wire),
      writable: (wire) => wire.data.write(this.payload.block),
      end: (wire, truncated = false) =>
        this.pool.peerFinished(wire.data, truncated),
      close: (wire, error) => this.pool.closed(wire.data, error),
      error: (wire, error) => {
        this.pool.fail(wire.data, "EFAULT");
        throw error;
      },
    };
  }

  private takes(due: number): boolean {
    return due < this.sendUntil && (due < this.countFrom || this.left > 0);
  }

  private begin(connection: LoadConnection): void {
    const now = performance.now();
    if (this.dispatcher === undefined) {
      this.send(connection, this.plan.pipeline, now);
    } else {
      this.dispatcher.release(connection, now);
    }
  }

  /** The closed loop: as many messages as were answered. */
  private send(connection: LoadConnection, count: number, now: number): void {
    let sent = 0;
    while (sent < count && this.takes(now)) {
      this.commit(connection, now, now);
      sent += 1;
    }
    if (sent > 0) this.write(connection, sent * this.size);
  }

  /** The open loop. @returns whether the connection has room for another */
  private sendDue(
    connection: LoadConnection,
    due: number,
    now: number,
  ): boolean {
    this.commit(connection, due, now);
    this.write(connection, this.size);
    return connection.inFlight < this.plan.pipeline;
  }

  private commit(connection: LoadConnection, due: number, now: number): void {
    connection.push(due, now);
    this.inFlight += 1;
    if (due >= this.countFrom) {
      this.tally.sent += 1;
      this.left -= 1;
    }
  }

  private write(connection: LoadConnection, bytes: number): void {
    const idle = connection.pending === 0;
    connection.outstanding += bytes;
    connection.pending += bytes;
    if (idle) connection.write(this.payload.block);
  }

  private receiveStamped(connection: LoadConnection, chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length && connection.phase !== "closed") {
      const stamp = at;
      at = skipStamp(connection, chunk, stamp);
      const damage = damageOf(chunk, stamp, at, connection.stampLeft);
      if (damage > 0) {
        const damaged = chunk.subarray(stamp, at);
        this.fault(connection, inStamp(connection, damaged, damage));
        return;
      }
      const end = nextStamp(chunk, at);
      if (end > at) this.receive(connection, chunk.subarray(at, end));
      at = end;
    }
  }

  /** Takes what came back, without stamps. */
  private receive(connection: LoadConnection, payload: Buffer): void {
    const now = performance.now();
    const { length } = payload;
    const place = connection.readPlace;
    const next = place + length;
    if (
      length > connection.outstanding ||
      !this.payload.matches(payload, place)
    ) {
      const near = this.size * this.plan.pipeline;
      const { connections } = this.pool;
      this.fault(
        connection,
        inPayload(connection, payload, this.payload, near, connections),
      );
      return;
    }
    connection.readPlace = next < PERIOD ? next : next - PERIOD;
    connection.outstanding -= length;
    connection.received += length;
    connection.partial += length;
    if (!connection.answered) this.answered(connection, now);
    const wasFull = connection.inFlight === this.plan.pipeline;
    let done = 0;
    while (connection.partial >= this.size) {
      connection.partial -= this.size;
      this.complete(connection, now);
      done += 1;
    }
    if (done === 0) return;
    this.lastAnswer = now;
    if (this.dispatcher === undefined) this.send(connection, done, now);
    else if (wasFull) this.dispatcher.release(connection, now);
  }

  /** The first byte of a connection is back. */
  private answered(connection: LoadConnection, now: number): void {
    connection.answered = true;
    this.tally.firstByte.record((now - connection.oldestSent) * 1000);
    this.pool.serves();
  }

  /** The oldest message of a connection is back. */
  private complete(connection: LoadConnection, now: number): void {
    const due = connection.oldestDue;
    const { countFrom } = this;
    if ((this.numbered ? due : now) >= countFrom) this.answers += 1;
    if (due >= countFrom) {
      this.latency.record((now - due) * 1000);
      if (this.dispatcher !== undefined) {
        this.tally.service.record((now - connection.oldestSent) * 1000);
      }
    }
    connection.pop();
    this.inFlight -= 1;
  }

  private fault(
    connection: LoadConnection,
    { fault, mismatched }: Finding,
  ): void {
    this.tally.mismatched += mismatched;
    const { faults } = this.tally;
    if (faults.length < FAULTS_TOLD) {
      faults.push({ connection: connection.index, ...fault });
    }
    this.pool.fail(connection, "EMISMATCH");
  }
}
