import { once } from "node:events";

import type { dialler } from "../../socket/dial/dial.ts";
import { Connections } from "../connections/connections.ts";
import type { Plan } from "../plan.ts";
import { type PackedSecond, packSecond, Tally } from "./tally.ts";
import { InstanceTraffic } from "./instance-traffic.ts";
import { Traffic } from "./traffic.ts";
import { type Ending, until, Waiting } from "../waiting.ts";
import { Window } from "./window.ts";

/** What a worker tells while it goes on, and waits for. */
export interface WorkerEvents {
  /**
   * All connections have been tried: resolves with when traffic begins, by
   * `performance.now()`.
   * @param code why one could not be opened, if any could not
   */
  ready(opened: number, code: string | undefined): Promise<number>;
  /** Finishing is to await what is in flight. */
  phase(phase: "measuring" | "finishing"): void;
  /** A second of measuring is over. */
  second(second: PackedSecond): void;
}

/** Who judges what is late does so a little later. */
const GRACE = 250;
/** How long connections that the warm-up cost have to be there again. */
const REPLACE_WITHIN = 2000;

/**
 * Carries out one worker's plan from the first connection to the last: open,
 * warm up, measure, let what is in flight come back, finish.
 */
export class Worker {
  private readonly tally = new Tally();
  private readonly window: Window;
  private readonly traffic: Traffic;
  private readonly connections: Connections;
  private readonly waiting: Waiting;
  private readonly stop: AbortSignal;
  /** How long an answer is awaited. */
  private readonly patience: number;

  /**
   * @param ending ends it early; what was measured still counts
   * @param dial how connections are dialled
   */
  constructor(
    private readonly plan: Plan,
    private readonly events: WorkerEvents,
    ending: Ending,
    dial?: typeof dialler,
  ) {
    this.window = new Window(plan, this.tally);
    const kind = plan.cooperates === true ? InstanceTraffic : Traffic;
    this.traffic = new kind(plan, this.window, this.tally);
    this.connections = new Connections(plan, this.tally, this.traffic, dial);
    this.waiting = new Waiting(ending);
    this.stop = ending.stop;
    this.patience = plan.timeout + GRACE;
  }

  async run(): Promise<Tally> {
    let from = 0;
    try {
      from = await this.warmUp();
      await this.measure(from);
      await this.finish();
    } finally {
      this.traffic.stop();
      await this.connections.finishAll(this.waiting);
    }
    this.tally.timeFailures(from);
    return this.tally;
  }

  /** @returns from when on messages count, which is now or was just before */
  private async warmUp(): Promise<number> {
    const { plan, tally, connections, traffic, stop } = this;
    const ramped = plan.ramp > 0;
    tally.warmingUp = true;
    const begin = (at: number) => traffic.start(connections.open(), at);
    if (ramped) begin(performance.now());
    const rampEnd = performance.now() + plan.ramp;
    if (!stop.aborted) {
      await Promise.race([connections.openAll(), once(stop, "abort")]);
    }
    await until(() => stop.aborted, rampEnd);

    const [code] = tally.errors.keys();
    const start = await this.events.ready(tally.opened, code);
    const from = start + plan.warmup;
    const number = plan.rate === undefined && "messages" in plan.until;
    if (number) this.window.warmUp(from);
    else this.window.open(from);
    // An open loop finds its beginning by itself, and better than a timer would.
    if (plan.rate === undefined) await until(() => stop.aborted, start);
    if (!ramped && !stop.aborted) begin(start);
    await until(() => stop.aborted, from);
    const began = number ? await this.beginNumber() : from;
    tally.warmingUp = false;
    return began;
  }

  /**
   * In a closed loop a number of messages begins on all connections at once, on
   * new ones for those that the warm-up has cost: a server that answers once and
   * finishes can answer one on each.
   *
   * @returns from when on messages count
   */
  private async beginNumber(): Promise<number> {
    const { plan, tally, stop, connections, window, traffic } = this;
    if (plan.reconnect && tally.lostEarly + tally.finishedIdle > 0) {
      const ready = () => stop.aborted || connections.allIdle;
      await until(ready, performance.now() + REPLACE_WITHIN);
    }
    const from = performance.now();
    window.open(from);
    if (!stop.aborted) traffic.resume();
    return from;
  }

  private async measure(from: number): Promise<void> {
    const { tally, traffic, connections, waiting, stop } = this;
    const { duration = Infinity } = this.window;
    const numbered = duration === Infinity;
    this.events.phase("measuring");
    const cpu = process.cpuUsage();
    const wall = performance.now();
    const startedAt = Date.now() - Math.max(wall - from, 0);
    connections.standstill.forget();
    traffic.seconds.start();
    const endSeconds = this.tellSeconds(from, from + duration);
    const over = () => traffic.exhausted || connections.deserted;
    await until(() => stop.aborted || (numbered && over()), from + duration);
    if (numbered) {
      const back = () => stop.aborted || connections.inFlight === 0;
      await waiting.for(back, this.patience);
    }
    endSeconds();

    const used = process.cpuUsage(cpu);
    const now = performance.now();
    const answered = traffic.seconds.answers;
    // The wait for what never came is part of how long it took.
    const complete = numbered && answered === tally.sent;
    const end = complete ? traffic.lastAnswer : now;
    tally.measured({
      startedAt,
      seconds: Math.max(end - from, 0) / 1000,
      busiest: (used.user + used.system) / 1000 / (now - wall),
      stoodStill: connections.standstill.longestBy(now),
      answered,
    });
    // What was due in time is sent, however late it is by now, and awaited.
    this.window.end(now);
  }

  /** Tells each second once it is over, but for the last. @returns ends that */
  private tellSeconds(from: number, measured: number): () => void {
    let boundary = from;
    let ticker: Timer | undefined;
    const next = () => {
      boundary += 1000;
      if (boundary >= measured) return;
      // An interval's lateness would add up.
      const left = Math.max(boundary - performance.now(), 0);
      ticker = setTimeout(() => {
        this.tellSecond();
        next();
      }, left);
    };
    next();
    return () => clearTimeout(ticker);
  }

  private tellSecond(answers?: number): void {
    this.events.second(packSecond(this.traffic.seconds.take(answers)));
  }

  private async finish(): Promise<void> {
    const { tally, traffic, connections, waiting, patience } = this;
    this.events.phase("finishing");
    const over = () => traffic.exhausted || connections.deserted;
    await waiting.for(over, patience);
    traffic.stop();
    if (waiting.hurried) tally.cutUnsent = tally.unsent;
    await waiting.for(() => connections.inFlight === 0, patience);
    if (waiting.hurried)
      tally.cutInFlight = traffic.inFlight(connections.open());
    traffic.giveUp(connections.open());
    traffic.seconds.giveUpRest();
    this.tellSecond(tally.answered);
  }
}
