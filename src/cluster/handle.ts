import { SounderError } from "../errors/errors.ts";
import type { Unready } from "../status/readiness.ts";
import { NOTHING, type PeerQuery, type Snapshot } from "../status/snapshot.ts";
import { SERVER_WORKER } from "../workers/commands.ts";
import { spawnWorker, type WorkerProcess } from "../workers/spawn.ts";
import { BEAT_EVERY, type Order, type Report } from "./messages.ts";
import type { StopOptions } from "../server/options.ts";

/** How long a worker may take to tell how it is, or that it has stopped. */
const ANSWER_WITHIN = 1000;
/** So many looks without a word, once it serves: it hangs. */
const HANGS_AFTER = 3;
/** So many: it won't come back, and meanwhile holds its part of who connects. */
const LOST_AFTER = 5;
/** So many before it serves: to start may take long on a busy machine. */
const START_WITHIN = 30;
/** What it has logged may take so long to be read once it has stopped. */
const LOG_WITHIN = 3500;
/** A timer takes anything beyond for 1. */
const TIMER_MAX = 2 ** 31 - 1;

export type Spawn = (
  onReport: (report: Report) => void,
) => WorkerProcess<Order>;

const spawnServer: Spawn = (onReport) => spawnWorker([SERVER_WORKER], onReport);

/** A worker process, as far as its parent knows it. */
export class Member {
  readonly since = performance.now();
  readonly serving = Promise.withResolvers<void>();
  readonly stopped = Promise.withResolvers<number>();
  /** Whether it has come to serving: before, it has nothing to tell. */
  serves = false;
  /** What it told last. */
  last: Snapshot = NOTHING;
  /** Why it could not serve. */
  private failure: SounderError | undefined;
  /** Why it lets nobody in, by its last word. */
  private shut: Unready | undefined;
  /** It was told to stop. */
  private stopping = false;
  /** It has stopped, and has nothing more to say. */
  private done = false;
  private silentFor = 0;
  private questions = 0;
  private readonly answers = new Map<number, (snapshot: Snapshot) => void>();
  private readonly process: WorkerProcess<Order>;

  /** @param onDeath is told once, however it ends */
  constructor(
    onReport: (report: Report) => void,
    onDeath: (why: Error) => void,
    spawn = spawnServer,
  ) {
    this.serving.promise.catch(() => {});
    this.process = spawn((report) => {
      this.hear(report);
      onReport(report);
    });
    this.process.died.catch((death: Error) => {
      const why = this.failure ?? death;
      this.serving.reject(why);
      // Whoever it still had went with it.
      this.stopped.resolve(this.last.connections.open);
      onDeath(why);
    });
  }

  private hear(report: Report): void {
    this.silentFor = 0;
    switch (report.type) {
      case "serving":
        this.serves = true;
        this.serving.resolve();
        break;
      case "beat":
        this.last = { ...this.last, ...report.counts };
        this.shut = report.unready;
        break;
      case "counts":
        this.last = { ...this.last, ...report.counts };
        this.answers.get(report.question)?.(this.last);
        break;
      case "snapshot":
        this.last = report.snapshot;
        this.answers.get(report.question)?.(report.snapshot);
        break;
      case "failed":
        // It would live on without serving: dead, it is replaced.
        this.kill(new SounderError(report.summary, report.code));
        break;
      case "stopped":
        this.done = true;
        this.stopped.resolve(report.reset);
    }
  }

  /** It serves, but does not say a word any more. */
  get hangs(): boolean {
    return this.serves && this.silentFor >= HANGS_AFTER;
  }

  get alive(): boolean {
    return this.serves && !this.hangs;
  }

  /** Why it would let nobody in; undefined where it would. */
  get unready(): Unready | undefined {
    return this.alive ? this.shut : "no-worker";
  }

  /**
   * To be called as often as it beats: ends it when it has been silent for too
   * long. Looks are counted, not time: if we stood still ourselves, what it said
   * meanwhile is not read yet.
   */
  look(): void {
    this.silentFor += 1;
    if (!this.done && this.silentFor >= this.patience) this.giveUp();
  }

  /** Looks without a word that it may have. */
  private get patience(): number {
    if (this.stopping) return HANGS_AFTER;
    return this.serves ? LOST_AFTER : START_WITHIN;
  }

  private giveUp(): void {
    const seconds = (this.silentFor * BEAT_EVERY) / 1000;
    const summary = `it said nothing for ${seconds} s, and was killed`;
    this.kill(new SounderError(summary, "EWORKER"));
  }

  send(order: Order): void {
    this.process.send(order);
  }

  /** @param why what is told of its death instead of how it ended */
  kill(why?: SounderError): void {
    this.failure ??= why;
    this.process[Symbol.dispose]();
  }

  /** How it is; one that does not answer is as it was when it last did. */
  snapshot(query: PeerQuery): Promise<Snapshot> {
    return this.ask((question) => ({ type: "snapshot", question, query }));
  }

  /** As snapshot(), of which only what is counted is new. */
  counts(): Promise<Snapshot> {
    return this.ask((question) => ({ type: "counts", question }));
  }

  private ask(order: (question: number) => Order): Promise<Snapshot> {
    // Whom it was asked for then is another question.
    const known = () => ({ ...this.last, peers: [], found: 0 });
    if (!this.alive) return Promise.resolve(known());
    const question = (this.questions += 1);
    const { promise, resolve } = Promise.withResolvers<Snapshot>();
    const timer = setTimeout(() => resolve(known()), ANSWER_WITHIN);
    this.answers.set(question, resolve);
    this.send(order(question));
    return promise.finally(() => {
      clearTimeout(timer);
      this.answers.delete(question);
    });
  }

  /** @returns how many connections had to be reset, by it or with it */
  stop(options: Required<StopOptions>): Promise<number> {
    this.stopping = true;
    if (this.hangs) this.giveUp();
    this.send({ type: "stop", options });
    const within = options.drainTimeout + ANSWER_WITHIN;
    const late = setTimeout(() => this.kill(), Math.min(within, TIMER_MAX));
    return this.stopped.promise.finally(async () => {
      clearTimeout(late);
      const { promise, resolve } = Promise.withResolvers<void>();
      const written = setTimeout(resolve, LOG_WITHIN);
      await Promise.race([this.process.died.catch(() => {}), promise]);
      clearTimeout(written);
    });
  }
}
