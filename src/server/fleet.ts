import { type Endpoint, formatEndpoint } from "../socket/endpoint.ts";
import { SounderError } from "../socket/errors.ts";
import type { ServerTls } from "../socket/tls.ts";
import {
  addSnapshots,
  type PeerQuery,
  type Snapshot,
} from "../status/snapshot.ts";
import { SERVER_WORKER } from "../workers/commands.ts";
import { spawnWorker, type WorkerProcess } from "../workers/spawn.ts";
import type { FleetOptions, Order, Report } from "./fleet-messages.ts";
import { type StopOptions, startServer } from "./server.ts";

const RESTART_FIRST = 100;
const RESTART_MOST = 10_000;
/** A worker that lived for so long was not the cause of its death. */
const LIVED_WELL = 10_000;
/** How long a worker may take to tell how it is. */
const ANSWER_WITHIN = 1000;

/** What is told of a fleet that is not a matter of one connection. */
export interface FleetEvents {
  /** It will be started again in `wait` milliseconds. */
  workerDied(worker: number, why: string, wait: number): void;
}

/** As a server, in several processes that share its ports. */
export interface Fleet {
  readonly addresses: readonly Endpoint[];
  readonly tls: ServerTls | undefined;
  useTls(tls: ServerTls): void;
  snapshot(query: PeerQuery): Promise<Snapshot>;
  stop(options?: StopOptions): Promise<number>;
}

/**
 * Starts `workers` processes that serve the same addresses. This process holds
 * no connection: it restarts a worker that dies, and adds up what they tell.
 *
 * @throws SounderError if an address can't be had, or can't be shared
 */
export async function startFleet(
  workers: number,
  options: FleetOptions,
  events: FleetEvents,
): Promise<Fleet> {
  const { addresses, tls } = await claim(options);
  const shared: FleetOptions = { ...options, addresses, tls };
  const crew = new Crew(workers, shared, events);
  await crew.start();
  return {
    addresses,
    get tls() {
      return crew.options.tls;
    },
    useTls: (next) => crew.useTls(next),
    snapshot: (query) => crew.snapshot(query),
    stop: (stopOptions) => crew.stop(stopOptions),
  };
}

/**
 * Takes the ports once for this process alone: with SO_REUSEPORT a second
 * server on them would not be noticed, and would get half of the connections.
 */
async function claim(
  options: FleetOptions,
): Promise<{ addresses: Endpoint[]; tls: ServerTls | undefined }> {
  if (process.platform !== "linux") {
    throw new SounderError(
      "cannot start workers: only Linux spreads connections over processes " +
        "that share a port (ENOTSUP)",
      "ENOTSUP",
    );
  }
  const unshared = options.addresses.find(
    ({ kind }) => kind === "unix" || kind === "fd",
  );
  if (unshared !== undefined) {
    throw new SounderError(
      `cannot start workers on ${formatEndpoint(unshared)}: only TCP ports ` +
        "can be shared (ENOTSUP)",
      "ENOTSUP",
    );
  }
  const server = await startServer(options);
  const { addresses, tls } = server;
  await server.stop({ drainTimeout: 0 });
  return { addresses: [...addresses], tls: options.tls ?? tls };
}

interface Member {
  process: WorkerProcess<Order>;
  since: number;
  serving: PromiseWithResolvers<void>;
  stopped: PromiseWithResolvers<number>;
  answers: Map<number, (snapshot: Snapshot) => void>;
  /** Whether it has come to serving: before, it has nothing to tell. */
  serves: boolean;
  /** What it told last. */
  last: Snapshot;
}

/**
 * - `starting`: one that dies spoils the start.
 * - `running`: one that dies is replaced.
 * - `stopping`: one that dies is what was wanted.
 */
type Phase = "starting" | "running" | "stopping";

class Crew {
  private readonly members: (Member | undefined)[];
  private readonly deaths: number[];
  private readonly startedAt = Date.now();
  private restarts = 0;
  private questions = 0;
  private phase: Phase = "starting";
  /** What those who died had counted, as far as they had told. */
  private past = NOTHING;

  constructor(
    private readonly size: number,
    public options: FleetOptions,
    private readonly events: FleetEvents,
  ) {
    this.members = new Array(size).fill(undefined);
    this.deaths = new Array(size).fill(0);
  }

  async start(): Promise<void> {
    const starting = this.members.map((_, index) => this.launch(index));
    try {
      await Promise.all(starting.map(({ serving }) => serving.promise));
      this.phase = "running";
    } catch (error) {
      this.phase = "stopping";
      for (const member of this.members) member?.process[Symbol.dispose]();
      throw error;
    }
  }

  private launch(index: number): Member {
    const member: Member = {
      since: performance.now(),
      serving: Promise.withResolvers(),
      stopped: Promise.withResolvers(),
      answers: new Map(),
      serves: false,
      last: NOTHING,
      process: spawnWorker<Order, Report>([SERVER_WORKER], (report) =>
        this.hear(index, member, report),
      ),
    };
    member.serving.promise.catch(() => {});
    member.process.died.catch((error: Error) => this.bury(index, error));
    this.members[index] = member;
    return member;
  }

  private hear(index: number, member: Member, report: Report): void {
    switch (report.type) {
      case "up": {
        const { options } = this;
        member.process.send({ type: "serve", worker: index + 1, options });
        break;
      }
      case "serving":
        member.serves = true;
        member.serving.resolve();
        break;
      case "failed":
        member.serving.reject(new SounderError(report.message, report.code));
        // It would live on without serving: dead, it is replaced.
        member.process[Symbol.dispose]();
        break;
      case "stopped":
        member.stopped.resolve(report.reset);
        break;
      case "snapshot":
        member.last = report.snapshot;
        member.answers.get(report.question)?.(report.snapshot);
        member.answers.delete(report.question);
    }
  }

  private bury(index: number, error: Error): void {
    const member = this.members[index]!;
    this.members[index] = undefined;
    member.serving.reject(error);
    member.stopped.resolve(0);
    this.past = addSnapshots(this.past, countsOf(member.last), NOBODY);
    if (this.phase !== "running") return;
    const lived = performance.now() - member.since;
    const deaths = lived > LIVED_WELL ? 0 : this.deaths[index]!;
    const wait = Math.min(RESTART_FIRST * 2 ** deaths, RESTART_MOST);
    this.deaths[index] = deaths + 1;
    this.events.workerDied(index + 1, error.message, wait);
    setTimeout(() => {
      if (this.phase !== "running") return;
      this.restarts += 1;
      this.launch(index);
    }, wait);
  }

  private get alive(): Member[] {
    return this.members.filter((member) => member !== undefined);
  }

  useTls(tls: ServerTls): void {
    // A worker that is started later gets it, too.
    this.options = { ...this.options, tls };
    for (const { process } of this.alive) process.send({ type: "tls", tls });
  }

  async snapshot(query: PeerQuery): Promise<Snapshot> {
    const alive = this.alive;
    const all = await Promise.all(alive.map((one) => this.ask(one, query)));
    const own: Snapshot = {
      ...this.past,
      at: Date.now(),
      startedAt: this.startedAt,
      workers: {
        planned: this.size,
        alive: alive.filter(({ serves }) => serves).length,
        restarts: this.restarts,
      },
      memory: { rss: process.memoryUsage.rss() },
    };
    return all.reduce((sum, one) => addSnapshots(sum, one, query), own);
  }

  /** One that does not answer is as it was when it last did. */
  private ask(member: Member, query: PeerQuery): Promise<Snapshot> {
    if (!member.serves) return Promise.resolve(member.last);
    const question = (this.questions += 1);
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        member.answers.delete(question);
        resolve(member.last);
      }, ANSWER_WITHIN);
      member.answers.set(question, (snapshot) => {
        clearTimeout(timer);
        resolve(snapshot);
      });
      member.process.send({ type: "snapshot", question, query });
    });
  }

  async stop(options: StopOptions = {}): Promise<number> {
    this.phase = "stopping";
    const alive = this.alive;
    for (const { process } of alive) process.send({ type: "stop", options });
    const reset = await Promise.all(alive.map((one) => one.stopped.promise));
    return reset.reduce((sum, count) => sum + count, 0);
  }
}

const NOTHING: Snapshot = {
  at: 0,
  startedAt: Infinity,
  workers: { planned: 0, alive: 0, restarts: 0 },
  connections: { open: 0, total: 0, rejected: {} },
  closed: {},
  bytes: { in: 0, out: 0, pending: 0, dropped: 0 },
  stalled: { now: 0, ever: 0 },
  eventLoopDelay: { p50: 0, p99: 0, max: 0 },
  memory: { rss: 0 },
  peers: [],
  found: 0,
};

const NOBODY: PeerQuery = { search: "", limit: 0 };

/** What remains of a worker: what it did, and nothing of what it held. */
function countsOf(last: Snapshot): Snapshot {
  const { connections, closed, bytes, stalled } = last;
  return {
    ...NOTHING,
    connections: { ...connections, open: 0 },
    closed,
    bytes: { ...bytes, pending: 0 },
    stalled: { ...stalled, now: 0 },
  };
}
