import { SounderError } from "../errors/errors.ts";
import type { DrainOptions } from "../inbound/options.ts";
import type { Unready } from "../status/readiness.ts";
import { NOTHING, type PeerQuery, type Snapshot } from "../status/snapshot.ts";
import { LONGEST_TIMER } from "../units.ts";
import {
  spawnWorker,
  type WorkerListener,
  type WorkerProcess,
} from "../workers/spawn.ts";
import {
  CLUSTER,
  type FromServer,
  HEARTBEAT_EVERY,
  type ToServer,
} from "./messages.ts";

/** How long a worker may take to tell how it is, or that it has stopped. */
const ANSWER_WITHIN = 1000;
/** So many heartbeats missed, once it serves: it hangs. */
const HANGS_AFTER = 3;
/** So many: it won't come back, and still gets its share of connections. */
const LOST_AFTER = 5;
/** So many before it serves: a start may take long on a busy machine. */
const START_WITHIN = 30;
/** Once it has stopped, its log may take so long to be read. */
const LOG_WITHIN = 3500;

type Process = WorkerProcess<typeof CLUSTER>;
type Listener = WorkerListener<typeof CLUSTER>;

export type Spawn = (listener: Listener) => Process;

export interface HandleEvents {
  /** It wants to be told what to serve. */
  onUp(): void;
  /** It told something. */
  onMessage(): void;
  /** Called once, however it ends. */
  onDeath(why: Error): void;
}

/** What the first process knows of a worker, and does with it. */
export class WorkerHandle {
  readonly since = performance.now();
  readonly serving = Promise.withResolvers<void>();
  /** With how many connections it had to reset. */
  private readonly stopped = Promise.withResolvers<number>();
  /** Whether it has come to serving: before, it has nothing to tell. */
  serves = false;
  /** What it told last. */
  last: Snapshot = NOTHING;
  /** Why it lets nobody in, by its last heartbeat. */
  private reason: Unready | undefined;
  /** It was told to stop. */
  private stopping = false;
  /** It has stopped, and has nothing more to say. */
  private done = false;
  /** Heartbeats that were due since it said something. */
  private missed = 0;
  private questions = 0;
  private readonly answers = new Map<number, (snapshot: Snapshot) => void>();
  private readonly process: Process;

  constructor(
    { onUp, onMessage, onDeath }: HandleEvents,
    spawn: Spawn = (listener) => spawnWorker(CLUSTER, listener),
  ) {
    this.serving.promise.catch(() => {});
    this.process = spawn({
      onUp: () => {
        this.missed = 0;
        onUp();
      },
      onMessage: (message) => {
        this.missed = 0;
        this.hear(message);
        onMessage();
      },
    });
    this.process.died.catch((why: Error) => {
      this.serving.reject(why);
      // The connections that it still had were lost with it.
      this.stopped.resolve(this.last.connections.open);
      onDeath(why);
    });
  }

  private hear(message: FromServer): void {
    switch (message.type) {
      case "serving":
        this.serves = true;
        this.serving.resolve();
        break;
      case "heartbeat":
        this.last = { ...this.last, ...message.counts };
        this.reason = message.unready;
        break;
      case "counts":
        this.last = { ...this.last, ...message.counts };
        this.answers.get(message.question)?.(this.last);
        break;
      case "snapshot":
        this.last = message.snapshot;
        this.answers.get(message.question)?.(message.snapshot);
        break;
      case "stopped":
        this.done = true;
        this.stopped.resolve(message.reset);
    }
  }

  /** It serves, but reports nothing any more. */
  get hangs(): boolean {
    return this.serves && this.missed >= HANGS_AFTER;
  }

  get alive(): boolean {
    return this.serves && !this.hangs;
  }

  /** Why it would let nobody in; undefined where it would. */
  get unready(): Unready | undefined {
    return this.alive ? this.reason : "no-worker";
  }

  /**
   * To be called as often as a heartbeat is due: ends one that has been silent
   * for too long. What was due is counted, not time: if this process stood still
   * itself, what it was told meanwhile is not read yet.
   */
  expectHeartbeat(): void {
    this.missed += 1;
    if (!this.done && this.missed >= this.missedMost) this.giveUp();
  }

  private get missedMost(): number {
    if (this.stopping) return HANGS_AFTER;
    return this.serves ? LOST_AFTER : START_WITHIN;
  }

  private giveUp(): void {
    const seconds = (this.missed * HEARTBEAT_EVERY) / 1000;
    const summary = `it said nothing for ${seconds} s, and was killed`;
    this.process.kill(new SounderError(summary, "EWORKER"));
  }

  send(message: ToServer): void {
    this.process.send(message);
  }

  kill(): void {
    this.process.kill();
  }

  /** How it is; one that does not answer is as it was when it last did. */
  snapshot(query: PeerQuery): Promise<Snapshot> {
    return this.ask((question) => ({ type: "snapshot", question, query }));
  }

  /** As snapshot(), of which only what is counted is new. */
  counts(): Promise<Snapshot> {
    return this.ask((question) => ({ type: "counts", question }));
  }

  private ask(message: (question: number) => ToServer): Promise<Snapshot> {
    // Its list of peers answered another query.
    const known = () => ({ ...this.last, peers: [], found: 0 });
    if (!this.alive) return Promise.resolve(known());
    const question = (this.questions += 1);
    const { promise, resolve } = Promise.withResolvers<Snapshot>();
    const timer = setTimeout(() => resolve(known()), ANSWER_WITHIN);
    this.answers.set(question, resolve);
    this.send(message(question));
    return promise.finally(() => {
      clearTimeout(timer);
      this.answers.delete(question);
    });
  }

  /** @returns how many connections had to be reset, by it or with it */
  stop(options: Required<DrainOptions>): Promise<number> {
    this.stopping = true;
    if (this.hangs) this.giveUp();
    this.send({ type: "stop", options });
    const within = options.drainTimeout + ANSWER_WITHIN;
    const late = setTimeout(() => this.kill(), Math.min(within, LONGEST_TIMER));
    return this.stopped.promise.finally(async () => {
      clearTimeout(late);
      const { promise, resolve } = Promise.withResolvers<void>();
      const written = setTimeout(resolve, LOG_WITHIN);
      await Promise.race([this.process.died.catch(() => {}), promise]);
      clearTimeout(written);
    });
  }
}
