import type { Endpoint } from "../address/endpoint.ts";
import type { ServerTls } from "../inbound/layers/tls.ts";
import type { DrainOptions } from "../inbound/options.ts";
import { residentMemory, steadyTime } from "../status/process.ts";
import type { Unready } from "../status/readiness.ts";
import {
  addSnapshots,
  type Counts,
  NOTHING,
  type PeerQuery,
  retired,
  type Snapshot,
} from "../status/snapshot.ts";
import { type Spawn, WorkerHandle } from "./handle.ts";
import { type ClusterOptions, HEARTBEAT_EVERY } from "./messages.ts";

const RESTART_FIRST = 100;
const RESTART_MOST = 10_000;
/** A worker that lived for so long was not the cause of its death. */
const LIVED_WELL = 10_000;
const NOBODY: PeerQuery = { search: "", limit: 0 };

/** The cause by which a dead worker's connections are counted as closed. */
const DIED = "worker-died";

/** What happens to workers; they tell of their connections themselves. */
export interface ClusterEvents {
  /** It will be started again in `wait` milliseconds. */
  workerDied(worker: number, why: string, wait: number): void;
  /** Its process lives, and reports nothing any more. */
  workerHangs(worker: number): void;
  /** It had died, or hung, and serves again. */
  workerServes(worker: number): void;
}

/** With the ports the kernel chose. */
export type PoolOptions = ClusterOptions & { addresses: readonly Endpoint[] };

/**
 * - `starting`: one that dies spoils the start.
 * - `running`: one that dies is replaced.
 * - `stopping`: one that dies is what was wanted.
 */
type Phase = "starting" | "running" | "stopping";

/**
 * Worker processes that are one server, whose addresses they share: keeps as
 * many as there should be.
 */
export class WorkerPool {
  /** By number less 1; undefined between a death and the next start. */
  private readonly handles: (WorkerHandle | undefined)[];
  /** Deaths in a row of those that did not live well, by number less 1. */
  private readonly deaths: number[];
  private readonly startedAt = steadyTime();
  /** Those that died or hang, which `events` knows; by number less 1. */
  private readonly failing = new Set<number>();
  private restarts = 0;
  private phase: Phase = "starting";
  /** What those that died had counted, by their last reports. */
  private retired: Snapshot = { ...NOTHING, closed: { [DIED]: 0 } };
  private heartbeats: Timer | undefined;
  private readonly startFailed = Promise.withResolvers<never>();

  constructor(
    private readonly size: number,
    private options: PoolOptions,
    private readonly events: ClusterEvents,
    private readonly spawn?: Spawn,
  ) {
    this.handles = new Array(size).fill(undefined);
    this.deaths = new Array(size).fill(0);
  }

  get addresses(): readonly Endpoint[] {
    return this.options.addresses;
  }

  /** The certificate and key, where TLS is spoken. */
  get tls(): ServerTls | undefined {
    return this.options.tls;
  }

  /** @throws SounderError if one of them can't serve; none is left then */
  async start(): Promise<void> {
    for (let index = 0; index < this.size; index += 1) this.launch(index);
    this.heartbeats = setInterval(() => this.expectAll(), HEARTBEAT_EVERY);
    try {
      const all = this.present.map(({ serving }) => serving.promise);
      await Promise.race([Promise.all(all), this.startFailed.promise]);
      this.phase = "running";
    } catch (error) {
      this.phase = "stopping";
      clearInterval(this.heartbeats);
      for (const handle of this.present) handle.kill();
      throw error;
    }
  }

  private launch(index: number): void {
    const handle: WorkerHandle = new WorkerHandle(
      {
        onUp: () => {
          const options = portionOf(this.options, index, this.size);
          handle.send({ type: "serve", worker: index + 1, options });
        },
        onMessage: () => {
          if (!handle.serves || !this.failing.delete(index)) return;
          this.events.workerServes(index + 1);
        },
        onDeath: (why) => this.replace(index, handle, why),
      },
      this.spawn,
    );
    this.handles[index] = handle;
  }

  private expectAll(): void {
    this.handles.forEach((handle, index) => {
      handle?.expectHeartbeat();
      if (!handle?.hangs || this.failing.has(index)) return;
      this.failing.add(index);
      this.events.workerHangs(index + 1);
    });
  }

  private replace(index: number, { last, since }: WorkerHandle, why: Error) {
    this.handles[index] = undefined;
    this.retired = addSnapshots(this.retired, retired(last, DIED), NOBODY);
    if (this.phase === "starting") this.startFailed.reject(why);
    if (this.phase !== "running") return;
    this.failing.add(index);
    const lived = performance.now() - since;
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

  private get present(): WorkerHandle[] {
    return this.handles.filter((handle) => handle !== undefined);
  }

  /** Why a new connection would not be served; undefined where it would. */
  get unready(): Unready | undefined {
    if (this.phase === "stopping") return "draining";
    const reasons = this.present.map(({ unready }) => unready);
    if (reasons.includes(undefined)) return undefined;
    return reasons.find((reason) => reason !== "no-worker") ?? "no-worker";
  }

  /** New connections get another certificate, those of later workers too. */
  useTls(tls: ServerTls): void {
    this.options = { ...this.options, tls };
    for (const handle of this.present) handle.send({ type: "tls", tls });
  }

  async snapshot(query: PeerQuery): Promise<Snapshot> {
    const all = this.present.map((handle) => handle.snapshot(query));
    return this.sum(await Promise.all(all), query);
  }

  async counts(): Promise<Counts> {
    const all = this.present.map((handle) => handle.counts());
    return this.sum(await Promise.all(all), NOBODY);
  }

  /** Of all that live, those that died, and this process. */
  private sum(all: readonly Snapshot[], query: PeerQuery): Snapshot {
    const own: Snapshot = {
      ...this.retired,
      at: steadyTime(),
      startedAt: this.startedAt,
      workers: {
        planned: this.size,
        alive: this.present.filter(({ alive }) => alive).length,
        restarts: this.restarts,
      },
      memory: { rss: residentMemory() },
    };
    return all.reduce((sum, one) => addSnapshots(sum, one, query), own);
  }

  /** @returns how many connections had to be reset */
  async stop({ drainTimeout = 10_000 }: DrainOptions = {}): Promise<number> {
    this.phase = "stopping";
    const stops = this.present.map((handle) => handle.stop({ drainTimeout }));
    const reset = await Promise.all(stops);
    clearInterval(this.heartbeats);
    return reset.reduce((sum, count) => sum + count, 0);
  }
}

/** A worker's part of what the whole server may have: 3 for two are 2 and 1. */
export function portionOf<Options extends ClusterOptions>(
  options: Options,
  index: number,
  size: number,
): Options {
  const portion = (limit: number | undefined) =>
    limit === undefined ? undefined : Math.ceil((limit - index) / size);
  return {
    ...options,
    maxConnections: portion(options.maxConnections),
    maxPending: portion(options.maxPending),
  };
}
