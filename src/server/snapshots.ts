import { monitorEventLoopDelay } from "node:perf_hooks";

import { steadyTime } from "../status/clock.ts";
import { first } from "../status/first.ts";
import { residentMemory } from "../status/memory.ts";
import {
  byWeight,
  type Counts,
  type PeerQuery,
  type PeerView,
  type Snapshot,
} from "../status/snapshot.ts";
import type { Peer } from "./peer.ts";
import type { Stalls } from "./stalls.ts";
import type { TallyKeeper } from "./tally.ts";

/** Nanoseconds of histogram to seconds. */
const seconds = (ns: number) => (Number.isFinite(ns) ? ns / 1e9 : 0);

type Delay = Snapshot["eventLoopDelay"];

/** Milliseconds over which a delay is remembered. */
const WINDOW = 15_000;

/** Looks at a server when somebody asks; until then it costs nothing. */
export class Snapshots {
  private readonly startedAt = steadyTime();
  private delay: ReturnType<typeof monitorEventLoopDelay> | undefined;
  private windowFrom = 0;
  private before: Delay = { p50: 0, p99: 0, max: 0 };

  constructor(
    private readonly open: ReadonlySet<Peer>,
    private readonly tally: TallyKeeper,
    private readonly stalls: Stalls,
  ) {}

  counts(): Counts {
    const { connections, bytes, closed, rejected } = this.tally.read(this.open);
    return {
      at: steadyTime(),
      startedAt: this.startedAt,
      workers: { planned: 0, alive: 0, restarts: 0 },
      connections: { ...connections, rejected },
      closed,
      bytes: { ...bytes, pending: this.stalls.pending },
      stalled: { now: this.stalls.now, ever: this.stalls.ever },
    };
  }

  take({ search, limit }: PeerQuery): Snapshot {
    const found = this.find(search);
    return {
      ...this.counts(),
      eventLoopDelay: this.readDelay(),
      memory: { rss: residentMemory() },
      peers: first(found, limit, byWeight).map(viewOf),
      found: found.size,
    };
  }

  private find(search: string): ReadonlySet<Peer> {
    if (search === "") return this.open;
    const found = new Set<Peer>();
    for (const peer of this.open) {
      if (peer.name.includes(search)) found.add(peer);
    }
    return found;
  }

  /**
   * Of the window that ended last and the one that goes on, the slower: however
   * many look, each sees the last 15 to 30 seconds. The first look begins.
   */
  private readDelay(): Delay {
    const now = performance.now();
    if (this.delay === undefined) {
      this.delay = monitorEventLoopDelay({ resolution: 10 });
      this.delay.enable();
      this.windowFrom = now;
    }
    const { delay } = this;
    const going: Delay = {
      p50: seconds(delay.percentile(50)),
      p99: seconds(delay.percentile(99)),
      max: seconds(delay.max),
    };
    const { before } = this;
    if (now - this.windowFrom >= WINDOW) {
      this.before = going;
      this.windowFrom = now;
      delay.reset();
    }
    return {
      p50: Math.max(before.p50, going.p50),
      p99: Math.max(before.p99, going.p99),
      max: Math.max(before.max, going.max),
    };
  }

  stop(): void {
    this.delay?.disable();
  }
}

function viewOf(peer: Peer): PeerView {
  const { pending } = peer;
  return {
    id: peer.id,
    worker: 0,
    peer: peer.name,
    since: Math.round(performance.timeOrigin + peer.openedAt),
    bytesIn: peer.bytesIn,
    bytesOut: peer.bytesOut,
    pending,
    stalled: pending > 0,
  };
}
