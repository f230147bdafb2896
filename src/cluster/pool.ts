import type { ServerTls } from "../inbound/layers/tls.ts";
import { steadyTime } from "../status/clock.ts";
import { residentMemory } from "../status/memory.ts";
import type { Unready } from "../status/readiness.ts";
import {
  addSnapshots,
  pastOf,
  NOTHING,
  type Counts,
  type PeerQuery,
  type Snapshot,
} from "../status/snapshot.ts";
import { BEAT_EVERY, type FleetOptions, type Report } from "./messages.ts";
import { Member, type Spawn } from "./handle.ts";
import type { StopOptions } from "../server/options.ts";

const RESTART_FIRST = 100;
const RESTART_MOST = 10_000;
/** A worker that lived for so long was not the cause of its death. */
const LIVED_WELL = 10_000;
const NOBODY: PeerQuery = { search: "", limit: 0 };

/** Why the connections of a worker that died were closed. */
const DIED = "worker-died";

/** What is told of a fleet that is not a matter of one connection. */
export interface FleetEvents {
  /** It will be started again in `wait` milliseconds. */
  workerDied(worker: number, why: string, wait: number): void;
  /** It is there, and does not say a word any more. */
  workerHangs(worker: number): void;
  /** One that had died, or hung, serves. */
  workerServes(worker: number): void;
}

/**
 * - `starting`: one that dies spoils the start.
 * - `running`: one that dies is replaced.
 * - `stopping`: one that dies is what was wanted.
 */
type Phase = "starting" | "running" | "stopping";

/** The worker processes of a fleet: keeps as many as there should be. */
export class Crew {
  private readonly members: (Member | undefined)[];
  private readonly deaths: number[];
  private readonly startedAt = steadyTime();
  /** Who has died, or hangs, and has been told of. */
  private readonly out = new Set<number>();
  private restarts = 0;
  private phase: Phase = "starting";
  /** What those who died had counted, as far as they had told. */
  private past: Snapshot = { ...NOTHING, closed: { [DIED]: 0 } };
  private looking: Timer | undefined;
  private readonly spoiled = Promise.withResolvers<never>();

  constructor(
    private readonly size: number,
    public options: FleetOptions,
    private readonly events: FleetEvents,
    private readonly spawn?: Spawn,
  ) {
    this.members = new Array(size).fill(undefined);
    this.deaths = new Array(size).fill(0);
  }

  /** @throws SounderError if one of them can't serve; none is left then */
  async start(): Promise<void> {
    for (let index = 0; index < this.size; index += 1) this.launch(index);
    this.looking = setInterval(() => this.look(), BEAT_EVERY);
    try {
      const all = this.there.map(({ serving }) => serving.promise);
      await Promise.race([Promise.all(all), this.spoiled.promise]);
      this.phase = "running";
    } catch (error) {
      this.phase = "stopping";
      clearInterval(this.looking);
      for (const member of this.there) member.kill();
      throw error;
    }
  }

  private launch(index: number): void {
    const member: Member = new Member(
      (report) => this.hear(index, member, report),
      (why) => this.bury(index, member, why),
      this.spawn,
    );
    this.members[index] = member;
  }

  private hear(index: number, member: Member, report: Report): void {
    if (report.type === "up") {
      const options = portionOf(this.options, index, this.size);
      member.send({ type: "serve", worker: index + 1, options });
    } else if (member.serves && this.out.delete(index)) {
      this.events.workerServes(index + 1);
    }
  }

  private look(): void {
    this.members.forEach((member, index) => {
      member?.look();
      if (!member?.hangs || this.out.has(index)) return;
      this.out.add(index);
      this.events.workerHangs(index + 1);
    });
  }

  private bury(index: number, member: Member, why: Error): void {
    this.members[index] = undefined;
    this.past = addSnapshots(this.past, pastOf(member.last, DIED), NOBODY);
    if (this.phase === "starting") this.spoiled.reject(why);
    if (this.phase !== "running") return;
    this.out.add(index);
    const lived = performance.now() - member.since;
    const deaths = lived > LIVED_WELL ? 0 : this.deaths[index]!;
    const wait = Math.min(RESTART_FIRST * 2 ** deaths, RESTART_MOST);
    this.deaths[index] = deaths + 1;
    this.events.workerDied(index + 1, why.message, wait);
    setTimeout(() => {
      if (this.phase !== "running") return;
      this.restarts += 1;
      this.launch(index);
    }, wait);
  }

  private get there(): Member[] {
    return this.members.filter((member) => member !== undefined);
  }

  /** Why nobody would be let in; undefined where somebody would. */
  get unready(): Unready | undefined {
    if (this.phase === "stopping") return "draining";
    const reasons = this.there.map(({ unready }) => unready);
    if (reasons.includes(undefined)) return undefined;
    return reasons.find((reason) => reason !== "no-worker") ?? "no-worker";
  }

  useTls(tls: ServerTls): void {
    // A worker that is started later gets it, too.
    this.options = { ...this.options, tls };
    for (const member of this.there) member.send({ type: "tls", tls });
  }

  async snapshot(query: PeerQuery): Promise<Snapshot> {
    const all = this.there.map((one) => one.snapshot(query));
    return this.sum(await Promise.all(all), query);
  }

  async counts(): Promise<Counts> {
    const all = this.there.map((one) => one.counts());
    return this.sum(await Promise.all(all), NOBODY);
  }

  /** All of them, those who died, and this process. */
  private sum(all: readonly Snapshot[], query: PeerQuery): Snapshot {
    const own: Snapshot = {
      ...this.past,
      at: steadyTime(),
      startedAt: this.startedAt,
      workers: {
        planned: this.size,
        alive: this.there.filter(({ alive }) => alive).length,
        restarts: this.restarts,
      },
      memory: { rss: residentMemory() },
    };
    return all.reduce((sum, one) => addSnapshots(sum, one, query), own);
  }

  async stop({ drainTimeout = 10_000 }: StopOptions = {}): Promise<number> {
    this.phase = "stopping";
    const stops = this.there.map((one) => one.stop({ drainTimeout }));
    const reset = await Promise.all(stops);
    clearInterval(this.looking);
    return reset.reduce((sum, count) => sum + count, 0);
  }
}

/** A worker's part of what the whole server may have: 3 for two are 2 and 1. */
export function portionOf(
  options: FleetOptions,
  index: number,
  size: number,
): FleetOptions {
  const portion = (limit: number | undefined) =>
    limit === undefined ? undefined : Math.ceil((limit - index) / size);
  return {
    ...options,
    maxConnections: portion(options.maxConnections),
    maxPending: portion(options.maxPending),
  };
}
