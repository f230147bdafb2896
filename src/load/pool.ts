import type { ErrorCode } from "../socket/codes.ts";
import { type Dialler, dialler } from "../socket/dial.ts";
import { errorCodeOf } from "../socket/errors.ts";
import type { Wire, WireHandlers } from "../socket/wire.ts";
import { LoadConnection } from "./connection.ts";
import { Gate } from "./gate.ts";
import type { Payload } from "./payload.ts";
import type { Plan } from "./plan.ts";
import type { Tally } from "./tally.ts";

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
  /** When a connection was last seen open. */
  private openAt = performance.now();

  constructor(
    private readonly plan: Plan,
    private readonly payload: Payload,
    private readonly tally: Tally,
    handlers: WireHandlers<LoadConnection>,
    private readonly events: PoolEvents,
  ) {
    this.dialler = dialler(
      plan.target,
      plan.approach,
      handlers,
      (wire, error) => this.fail(wire.data, errorCodeOf(error)),
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
    this.tally.opened += 1;
    this.tally.connect.record((this.openAt - connection.openedAt) * 1000);
    this.events.opened(connection);
  }

  /** For the `end` handler. */
  peerFinished(connection: LoadConnection): void {
    if (connection.phase === "open") this.fail(connection, endOf(connection));
    else connection.wire.end();
  }

  /** For the `close` handler. */
  closed(connection: LoadConnection, error: Error | undefined): void {
    if (connection.phase === "open") {
      const code = error && errorCodeOf(error);
      this.fail(connection, code ?? endOf(connection));
    }
    if (connection.phase === "finishing" && error) this.tally.unfinished += 1;
    connection.phase = "closed";
  }

  /** Gives a connection up for `code`, and has it replaced. */
  fail(connection: LoadConnection, code: ErrorCode): void {
    const { phase } = connection;
    if (phase === "closed") return;
    connection.phase = "closed";
    connection.settled?.();
    this.tally.fail(code);
    if (phase === "opening") connection.socket?.terminate();
    else {
      this.tally.lost += 1;
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

  /** No connection is left, and none has been for as long as one may take. */
  get deserted(): boolean {
    return this.plan.reconnect
      ? performance.now() - this.openAt >= this.plan.connectTimeout
      : this.connections.every((one) => one?.phase === "closed");
  }

  private sweep(): void {
    const now = performance.now();
    const { timeout, connectTimeout } = this.plan;
    for (const connection of this.connections) {
      if (connection === undefined) continue;
      const { phase } = connection;
      if (phase === "open") this.openAt = now;
      const late =
        phase === "opening"
          ? now - connection.openedAt >= connectTimeout
          : connection.inFlight > 0 && now - connection.oldestSent >= timeout;
      if (late) this.fail(connection, "ETIMEDOUT");
    }
  }

  /** Nothing is opened or replaced any more. */
  end(): void {
    this.ending = true;
  }

  /**
   * Sends our FIN on all connections and awaits the server's: what it sends
   * beyond its answers would come now.
   */
  async finishAll(): Promise<void> {
    this.end();
    const finishing = this.connections.filter(
      (connection) => connection?.phase === "open",
    ) as LoadConnection[];
    for (const connection of finishing) {
      connection.phase = "finishing";
      connection.wire.shutdown();
    }
    const giveUp =
      performance.now() + Math.min(FINISH_WITHIN, this.plan.timeout);
    while (
      finishing.some(({ phase }) => phase === "finishing") &&
      performance.now() < giveUp
    ) {
      await Bun.sleep(5);
    }
    clearInterval(this.sweeper);
    for (const connection of finishing) {
      if (connection.phase !== "finishing") continue;
      this.tally.unfinished += 1;
      connection.wire.terminate();
    }
  }
}

/** What the server's end of a connection is called. */
function endOf({ refused }: LoadConnection): ErrorCode {
  return refused ? "ECONNRESET" : "EEARLY";
}
