import type { ServerTls } from "../socket/tls.ts";
import {
  addSnapshots,
  pastOf,
  NOTHING,
  type PeerQuery,
  type Snapshot,
} from "../status/snapshot.ts";
import {
  BEAT_EVERY,
  type FleetOptions,
  type Report,
} from "./fleet-messages.ts";
import { Member } from "./member.ts";
import type { StopOptions } from "./server.ts";

const RESTART_FIRST = 100;
const RESTART_MOST = 10_000;
/** A worker that lived for so long was not the cause of its death. */
const LIVED_WELL = 10_000;
const NOBODY: PeerQuery = { search: "", limit: 0 };

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
  private readonly startedAt = Date.now();
  /** Who has died, or hangs, and has been told of. */
  private readonly out = new Set<number>();
  private restarts = 0;
  private phase: Phase = "starting";
  /** What those who died had counted, as far as they had told. */
  private past = NOTHING;
  private looking: Timer | undefined;

  constructor(
    private readonly size: number,
    public options: FleetOptions,
    private readonly events: FleetEvents,
  ) {
    this.members = new Array(size).fill(undefined);
    this.deaths = new Array(size).fill(0);
  }

  /** @throws SounderError if one of them can't serve; none is left then */
  async start(): Promise<void> {
    for (let index = 0; index < this.size; index += 1) this.launch(index);
    try {
      await Promise.all(this.there.map(({ serving }) => serving.promise));
      this.phase = "running";
      this.looking = setInterval(() => this.look(), BEAT_EVERY);
    } catch (error) {
      this.phase = "stopping";
      for (const member of this.there) member.kill();
      throw error;
    }
  }

  private launch(index: number): void {
    const member: Member = new Member(
      (report) => this.hear(index, member, report),
      (why) => this.bury(index, member, why),
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
    this.past = addSnapshots(this.past, pastOf(member.last), NOBODY);
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

  /** Whether somebody would be let in. */
  get ready(): boolean {
    return this.there.some(({ ready }) => ready);
  }

  useTls(tls: ServerTls): void {
    // A worker that is started later gets it, too.
    this.options = { ...this.options, tls };
    for (const member of this.there) member.send({ type: "tls", tls });
  }

  async snapshot(query: PeerQuery): Promise<Snapshot> {
    const { there } = this;
    const all = await Promise.all(there.map((one) => one.snapshot(query)));
    const own: Snapshot = {
      ...this.past,
      at: Date.now(),
      startedAt: this.startedAt,
      workers: {
        planned: this.size,
        alive: there.filter(({ alive }) => alive).length,
        restarts: this.restarts,
      },
      memory: { rss: process.memoryUsage.rss() },
    };
    return all.reduce((sum, one) => addSnapshots(sum, one, query), own);
  }

  async stop({ drainTimeout = 10_000 }: StopOptions = {}): Promise<number> {
    this.phase = "stopping";
    clearInterval(this.looking);
    const stops = this.there.map((one) => one.stop({ drainTimeout }));
    const reset = await Promise.all(stops);
    return reset.reduce((sum, count) => sum + count, 0);
  }
}

/** A worker's part of what the whole server may have: 3 for two are 2 and 1. */
function portionOf(
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
