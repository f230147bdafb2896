import type { ErrorCode } from "../errors/codes.ts";
import type { Dialler, dialler } from "../socket/dial/dial.ts";
import { errorCodeOf } from "../errors/errors.ts";
import type { Wire, WireHandlers } from "../socket/wire.ts";
import { LoadConnection } from "./connection.ts";
import { Gate } from "./gate.ts";
import type { Payload } from "./message/payload.ts";
import type { Plan } from "./plan.ts";
import { Standstill } from "./standstill.ts";
import type { Tally } from "./tally.ts";
import type { Waiting } from "./waiting.ts";

const BACK_OFF_FIRST = 100;
const BACK_OFF_MOST = 1000;
const SWEEP_EVERY = 50;
/** How long a server may take to finish once we have. */
const FINISH_WITHIN = 2000;

/** What becomes of connections, for whom it concerns. */
export interface PoolEvents {
  opened(connection: LoadConnection): void;
  /** It is gone, with the messages it had in flight. */
  lost(connection: LoadConnection): void;
  /** Whether it is owed nothing, and no more is to be sent. */
  isDone(connection: LoadConnection): boolean;
}

/** Opens connections, keeps as many open as were planned, and closes them. */
export class Pool {
  /** By index; a lost connection's place is its successor's. */
  readonly connections: (LoadConnection | undefined)[];
  private readonly failures: number[];
  private readonly due: Float64Array;
  private readonly sent: Float64Array;
  private readonly dialler: Dialler<LoadConnection>;
  private readonly sweeper: Timer;
  private readonly gate: Gate;
  private ending = false;
  /** Connections that are open and have been answered. */
  private serving = 0;
  /** When a connection was last seen open. */
  private openAt = performance.now();
  readonly standstill = new Standstill(this.openAt);

  constructor(
    private readonly plan: Plan,
    private readonly payload: Payload,
    private readonly tally: Tally,
    handlers: WireHandlers<LoadConnection>,
    private readonly events: PoolEvents,
    dial: typeof dialler,
  ) {
    this.dialler = dial(plan.target, plan.approach, handlers, (wire, error) =>
      this.fail(wire.data, errorCodeOf(error)),
    );
    this.gate = new Gate(plan.openingAtOnce);
    const { count } = plan.connections;
    this.connections = new Array(count).fill(undefined);
    this.failures = new Array(count).fill(0);
    this.due = new Float64Array(count * plan.pipeline);
    this.sent = new Float64Array(count * plan.pipeline);
    this.sweeper = setInterval(() => this.sweep(), SWEEP_EVERY);
  }

  /** Resolves when each connection has been tried once. */
  async openAll(): Promise<void> {
    const apart = this.plan.ramp / this.connections.length;
    await Promise.all(
      this.connections.map(async (_, index) => {
        if (apart > 0) await Bun.sleep(index * apart);
        await this.openOne(index);
      }),
    );
  }

  private openOne(index: number): Promise<void> {
    return this.gate.through(async () => {
      if (!this.ending) await this.connect(index);
    });
  }

  /** Resolves when it has opened or failed. */
  private connect(index: number): Promise<void> {
    const { address, pipeline: room, connections } = this.plan;
    const { due, sent } = this;
    const number = connections.first + index;
    const connection = new LoadConnection(
      number,
      this.payload.startOf(number),
      performance.now(),
      { due, sent, first: index * room, room },
    );
    this.connections[index] = connection;
    this.dialler.dial(address, connection).then(
      (socket) => {
        if (connection.phase === "closed") socket.terminate();
        else connection.socket = socket;
      },
      (error) => this.fail(connection, errorCodeOf(error)),
    );
    return new Promise((resolve) => {
      connection.settled = resolve;
    });
  }

  /** For the `open` handler. */
  opened(connection: LoadConnection, wire: Wire<LoadConnection>): void {
    connection.wire = wire;
    if (connection.phase !== "opening" || this.ending) {
      connection.phase = "closed";
      wire.terminate();
      return;
    }
    connection.phase = "open";
    connection.settled?.();
    this.openAt = performance.now();
    connection.heardAt = this.openAt;
    this.tally.opened += 1;
    this.tally.connect.record((this.openAt - connection.openedAt) * 1000);
    this.events.opened(connection);
  }

  /** A connection that was not answered before is. */
  serves(): void {
    this.serving += 1;
    this.tally.served = Math.max(this.tally.served, this.serving);
  }

  /** For the `end` handler. */
  peerFinished(connection: LoadConnection, truncated: boolean): void {
    this.releaseDone(connection);
    const { phase, refused } = connection;
    const cut = truncated && !refused;
    if (cut && phase === "finishing") this.fail(connection, "ETRUNCATED");
    else if (phase !== "open") connection.wire.end();
    else this.fail(connection, cut ? "ETRUNCATED" : endOf(connection));
  }

  /** For the `close` handler. */
  closed(connection: LoadConnection, error: Error | undefined): void {
    this.releaseDone(connection);
    if (connection.phase === "open") {
      const code = error && errorCodeOf(error);
      this.fail(connection, code ?? endOf(connection));
    }
    if (connection.phase === "finishing" && error) this.tally.unfinished += 1;
    connection.phase = "closed";
  }

  /** Who has answered all that will ever be asked may finish first. */
  private releaseDone(connection: LoadConnection): void {
    const { phase } = connection;
    if (phase === "open" && this.events.isDone(connection)) {
      connection.phase = "finishing";
    }
  }

  /** Gives a connection up for `code`, and has it replaced. */
  fail(connection: LoadConnection, code: ErrorCode): void {
    const { phase } = connection;
    if (phase === "closed") return;
    connection.phase = "closed";
    connection.settled?.();
    this.tally.fail(code);
    this.tell(connection, code);
    if (phase === "opening") connection.socket?.terminate();
    else {
      this.tally.lost += 1;
      if (connection.answered) this.serving -= 1;
      connection.wire.terminate();
      this.events.lost(connection);
    }
    if (this.ending || !this.plan.reconnect) return;
    const index = connection.index - this.plan.connections.first;
    // To be accepted is no success yet: a proxy does that for a dead server.
    if (connection.answered) this.failures[index] = 0;
    const wait = BACK_OFF_FIRST * 2 ** this.failures[index]!;
    this.failures[index]! += 1;
    setTimeout(() => void this.openOne(index), Math.min(wait, BACK_OFF_MOST));
  }

  private tell(connection: LoadConnection, code: string): void {
    const { index, received: byte, heard, heardAt } = connection;
    const at = performance.now();
    // What came after the last sweep came just now.
    const silence = byte === heard ? Math.round(at - heardAt) / 1000 : 0;
    this.tally.tell({ code, connection: index, at, byte, silence });
  }

  /** No connection is left, and none has been for as long as one may take. */
  get deserted(): boolean {
    return this.plan.reconnect
      ? this.waitedSince(this.openAt) >= this.plan.connectTimeout
      : this.connections.every((one) => one?.phase === "closed");
  }

  /**
   * For how long something has been awaited, as far as what came in that time
   * has been read: up to the sweep before, and not while we stood still.
   */
  private waitedSince(start: number): number {
    const { lookedAt, endedAt } = this.standstill;
    return lookedAt - Math.max(start, endedAt);
  }

  private sweep(): void {
    const { timeout, connectTimeout } = this.plan;
    const now = performance.now();
    for (const connection of this.connections) {
      if (connection === undefined) continue;
      const { phase, received } = connection;
      if (phase === "open") this.openAt = now;
      if (received !== connection.heard) {
        connection.heard = received;
        connection.heardAt = now;
      }
      const late =
        phase === "opening"
          ? this.waitedSince(connection.openedAt) >= connectTimeout
          : connection.inFlight > 0 &&
            this.waitedSince(connection.oldestSent) >= timeout;
      if (late) this.fail(connection, "ETIMEDOUT");
    }
    this.standstill.look(now);
  }

  /** Nothing is opened or replaced any more. */
  end(): void {
    this.ending = true;
  }

  /**
   * Sends our FIN on all connections and awaits the server's: what it sends
   * beyond its answers would come now.
   */
  async finishAll(waiting: Waiting): Promise<void> {
    this.end();
    for (const connection of this.connections) {
      if (connection?.phase !== "open") continue;
      connection.phase = "finishing";
      connection.wire.shutdown();
    }
    const finishing = () =>
      this.connections.filter(
        (one) => one?.phase === "finishing",
      ) as LoadConnection[];
    const patience = Math.min(FINISH_WITHIN, this.plan.timeout);
    await waiting.for(() => finishing().length === 0, patience);
    clearInterval(this.sweeper);
    for (const connection of finishing()) {
      // Who was not given the time is not to blame.
      if (!waiting.hurried) this.tally.unfinished += 1;
      connection.wire.terminate();
    }
  }
}

/** What the server's end of a connection is called. */
function endOf({ refused }: LoadConnection): ErrorCode {
  return refused ? "ECONNRESET" : "EEARLY";
}
