import type { ErrorCode } from "../../errors/codes.ts";
import { type Dialler, dialler } from "../../socket/dial/dial.ts";
import { errorCodeOf } from "../../errors/errors.ts";
import { release } from "../../socket/release.ts";
import type { Wire, WireHandlers } from "../../socket/wire.ts";
import { asking } from "./asking.ts";
import type { LoadConnection } from "./connection.ts";
import { Gate } from "./queue.ts";
import { Place } from "./place.ts";
import type { Plan } from "../plan.ts";
import { Standstill } from "./standstill.ts";
import type { Tally } from "../worker/tally.ts";
import type { Waiting } from "../waiting.ts";

/** Those beyond a server's backlog would wait a second for their next SYN. */
const OPENING_AT_ONCE = 128;
const SWEEP_EVERY = 50;
/** How long a server may take to finish once we have. */
const FINISH_WITHIN = 2000;

/** Who uses the connections: is asked, and told what becomes of them. */
export interface ConnectionUser {
  /** @param index among the connections of all workers */
  create(index: number): LoadConnection;
  opened(connection: LoadConnection): void;
  /** @returns why the connection is to be given up, if it is */
  receive(connection: LoadConnection, chunk: Buffer): ErrorCode | undefined;
  /** It is gone, with the messages it had in flight. */
  lost(connection: LoadConnection): void;
  /** Whether it is owed nothing, and no more is to be sent. */
  isDone(connection: LoadConnection): boolean;
}

/** Opens connections, keeps as many open as were planned, and closes them. */
export class Connections {
  /** By index; a lost connection's place is its successor's. */
  private readonly all: (LoadConnection | undefined)[];
  private readonly places: Place[];
  private readonly dialler: Dialler<LoadConnection>;
  private readonly sweeper: Timer;
  private readonly gate: Gate;
  private ending = false;
  /** When a connection was last seen open. */
  private openAt = performance.now();
  readonly standstill = new Standstill(this.openAt);

  /** @param dial how connections are dialled */
  constructor(
    private readonly plan: Plan,
    private readonly tally: Tally,
    private readonly user: ConnectionUser,
    dial: typeof dialler = dialler,
  ) {
    this.dialler = dial(
      plan.target,
      plan.approach,
      plan.cooperates === true ? this.asking() : this.handlers(),
      (wire, error) => this.fail(wire.data, errorCodeOf(error)),
    );
    this.gate = new Gate(Math.ceil(OPENING_AT_ONCE / plan.workers));
    const { count } = plan.share;
    this.all = new Array(count).fill(undefined);
    this.places = Array.from({ length: count }, () => new Place(tally));
    this.sweeper = setInterval(() => this.sweep(), SWEEP_EVERY);
  }

  private handlers(): WireHandlers<LoadConnection> {
    return {
      open: (wire) => this.opened(wire.data, wire),
      data: (wire, chunk) => {
        const fault = this.user.receive(wire.data, chunk);
        release(chunk);
        if (fault !== undefined) this.fail(wire.data, fault);
      },
      writable: (wire) => wire.data.messages.flush(wire),
      end: (wire, truncated = false) => this.peerFinished(wire.data, truncated),
      close: (wire, error) => this.closed(wire.data, error),
      error: (wire, error) => {
        this.fail(wire.data, "EFAULT");
        throw error;
      },
    };
  }

  /** Handlers that first ask who serves a connection. */
  private asking(): WireHandlers<LoadConnection> {
    return asking(this.handlers(), {
      answered: (connection, who) => {
        if (who === undefined) return;
        const { instance, info } = who;
        connection.instance = this.tally.instances.of(instance, info.host);
        connection.instance.connections += 1;
      },
      failed: (connection, error) =>
        this.fail(
          connection,
          error === undefined ? "EEARLY" : errorCodeOf(error),
        ),
    });
  }

  /** Resolves when each connection has been tried once. */
  async openAll(): Promise<void> {
    const apart = this.plan.ramp / this.all.length;
    await Promise.all(
      this.all.map(async (_, index) => {
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
    const { address, share } = this.plan;
    const connection = this.user.create(share.first + index);
    this.all[index] = connection;
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

  private opened(connection: LoadConnection, wire: Wire<LoadConnection>): void {
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
    const { openedAt, connectedAt = this.openAt } = connection;
    this.tally.connect.record((connectedAt - openedAt) * 1000);
    this.user.opened(connection);
  }

  private peerFinished(connection: LoadConnection, truncated: boolean): void {
    this.releaseDone(connection);
    const { phase, messages } = connection;
    const cut = truncated && !messages.refused;
    if (cut && phase === "finishing") this.fail(connection, "ETRUNCATED");
    else if (phase !== "open") connection.wire.end();
    else if (cut) this.fail(connection, "ETRUNCATED");
    else this.ended(connection);
  }

  private closed(connection: LoadConnection, error: Error | undefined): void {
    this.releaseDone(connection);
    if (connection.phase === "open") {
      if (error) this.fail(connection, errorCodeOf(error));
      else this.ended(connection);
    }
    if (connection.phase === "finishing" && error) this.tally.unfinished += 1;
    connection.phase = "closed";
  }

  /** Who has answered all that will ever be asked may finish first. */
  private releaseDone(connection: LoadConnection): void {
    if (connection.phase !== "open" || this.tally.warmingUp) return;
    if (this.user.isDone(connection)) connection.phase = "finishing";
  }

  /** The server has ended an open connection, which needs no reset for that. */
  private ended(connection: LoadConnection): void {
    const { messages, answered, inFlight } = connection;
    if (messages.refused) this.fail(connection, "ECONNRESET");
    // Who never answered turns connections away.
    else if (!answered || inFlight > 0) this.fail(connection, "EEARLY");
    else {
      connection.phase = "closed";
      this.tally.finishedIdle += 1;
      connection.wire.end();
      this.user.lost(connection);
      this.replace(connection);
    }
  }

  /** Gives a connection up for `code`, and has it replaced. */
  fail(connection: LoadConnection, code: ErrorCode): void {
    const { phase } = connection;
    if (phase === "closed") return;
    connection.phase = "closed";
    connection.settled?.();
    const lost = phase !== "opening";
    this.places[this.indexOf(connection)]!.fail(connection, code, lost);
    this.tell(connection, code);
    if (!lost) connection.socket?.terminate();
    else {
      connection.wire.terminate();
      this.user.lost(connection);
    }
    this.replace(connection);
  }

  private replace(connection: LoadConnection): void {
    if (this.ending || !this.plan.reconnect) return;
    const index = this.indexOf(connection);
    const wait = this.places[index]!.backOff(connection);
    setTimeout(() => void this.openOne(index), wait);
  }

  private indexOf({ index }: LoadConnection): number {
    return index - this.plan.share.first;
  }

  private tell(connection: LoadConnection, code: string): void {
    const { index, heard, heardAt } = connection;
    const byte = connection.messages.received;
    const at = performance.now();
    // What came after the last sweep came just now.
    const silence = byte === heard ? Math.round(at - heardAt) / 1000 : 0;
    this.tally.tell({ code, connection: index, at, byte, silence });
  }

  /** Those that are open. */
  *open(): Iterable<LoadConnection> {
    for (const connection of this.all) {
      if (connection?.phase === "open") yield connection;
    }
  }

  /** Messages in flight on all of them. */
  get inFlight(): number {
    let sum = 0;
    for (const connection of this.all) sum += connection?.inFlight ?? 0;
    return sum;
  }

  /** Whether each is open, and owed nothing. */
  get allIdle(): boolean {
    return this.all.every((one) => one?.phase === "open" && one.inFlight === 0);
  }

  /** No connection is left, and none has been for as long as one may take. */
  get deserted(): boolean {
    return this.plan.reconnect
      ? this.waitedSince(this.openAt) >= this.plan.connectTimeout
      : this.all.every((one) => one?.phase === "closed");
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
    for (const connection of this.all) {
      if (connection === undefined) continue;
      const { phase } = connection;
      const { received } = connection.messages;
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
    for (const connection of this.open()) {
      connection.phase = "finishing";
      connection.wire.shutdown();
    }
    const finishing = () =>
      this.all.filter((one) => one?.phase === "finishing") as LoadConnection[];
    const patience = Math.min(FINISH_WITHIN, this.plan.timeout);
    await waiting.for(() => finishing().length === 0, patience);
    clearInterval(this.sweeper);
    for (const connection of this.all) {
      if (connection?.phase !== "opening") continue;
      connection.phase = "closed";
      connection.socket?.terminate();
    }
    for (const connection of finishing()) {
      // Who was not given the time is not to blame.
      if (!waiting.hurried) this.tally.unfinished += 1;
      connection.wire.terminate();
    }
  }
}
