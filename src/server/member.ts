import { setTimeout as sleep } from "node:timers/promises";

import { SounderError } from "../socket/errors.ts";
import { NOTHING, type PeerQuery, type Snapshot } from "../status/snapshot.ts";
import { SERVER_WORKER } from "../workers/commands.ts";
import { spawnWorker, type WorkerProcess } from "../workers/spawn.ts";
import type { Order, Report } from "./fleet-messages.ts";
import type { StopOptions } from "./server.ts";

/** How long a worker may take to tell how it is, or that it has stopped. */
const ANSWER_WITHIN = 1000;
/** So many looks without a word: it hangs. */
const LOOKS_SILENT = 3;
/** What it has logged may take so long to be read once it has stopped. */
const LOG_WITHIN = 3500;
/** A timer takes anything beyond for 1. */
const TIMER_MAX = 2 ** 31 - 1;

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
  private letsIn = false;
  private silentFor = 0;
  private questions = 0;
  private readonly answers = new Map<number, (snapshot: Snapshot) => void>();
  private readonly process: WorkerProcess<Order>;

  /** @param onDeath is told once, however it ends */
  constructor(
    onReport: (report: Report) => void,
    onDeath: (why: Error) => void,
  ) {
    this.serving.promise.catch(() => {});
    this.process = spawnWorker<Order, Report>([SERVER_WORKER], (report) => {
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
        this.letsIn = true;
        this.serving.resolve();
        break;
      case "beat":
        this.last = { ...this.last, ...report.counts };
        this.letsIn = report.ready;
        break;
      case "snapshot":
        this.last = report.snapshot;
        this.answers.get(report.question)?.(report.snapshot);
        break;
      case "failed":
        this.failure = new SounderError(report.summary, report.code);
        // It would live on without serving: dead, it is replaced.
        this.kill();
        break;
      case "stopped":
        this.stopped.resolve(report.reset);
    }
  }

  /** It serves, but does not say a word any more. */
  get hangs(): boolean {
    return this.serves && this.silentFor >= LOOKS_SILENT;
  }

  get alive(): boolean {
    return this.serves && !this.hangs;
  }

  /** Whether it would let somebody in. */
  get ready(): boolean {
    return this.alive && this.letsIn;
  }

  /**
   * To be called as often as it beats. Looks are counted, not time: if we stood
   * still ourselves, what it said meanwhile is not read yet.
   */
  look(): void {
    this.silentFor += 1;
  }

  send(order: Order): void {
    this.process.send(order);
  }

  kill(): void {
    this.process[Symbol.dispose]();
  }

  /** How it is; one that does not answer is as it was when it last did. */
  snapshot(query: PeerQuery): Promise<Snapshot> {
    // Whom it was asked for then is another question.
    const known = () => ({ ...this.last, peers: [], found: 0 });
    if (!this.alive) return Promise.resolve(known());
    const question = (this.questions += 1);
    const { promise, resolve } = Promise.withResolvers<Snapshot>();
    const timer = setTimeout(() => {
      this.silentFor = LOOKS_SILENT;
      resolve(known());
    }, ANSWER_WITHIN);
    this.answers.set(question, resolve);
    this.send({ type: "snapshot", question, query });
    return promise.finally(() => {
      clearTimeout(timer);
      this.answers.delete(question);
    });
  }

  /** @returns how many connections had to be reset, by it or with it */
  stop(options: Required<StopOptions>): Promise<number> {
    this.send({ type: "stop", options });
    const within = options.drainTimeout + ANSWER_WITHIN;
    const late = setTimeout(() => this.kill(), Math.min(within, TIMER_MAX));
    return this.stopped.promise.finally(async () => {
      clearTimeout(late);
      await Promise.race([
        this.process.died.catch(() => {}),
        sleep(LOG_WITHIN),
      ]);
    });
  }
}
