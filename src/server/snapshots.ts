import { monitorEventLoopDelay } from "node:perf_hooks";

import {
  byWeight,
  type PeerQuery,
  type PeerView,
  type Snapshot,
} from "../status/snapshot.ts";
import type { Peer } from "./peer.ts";
import type { Stalls } from "./stalls.ts";
import type { TallyKeeper } from "./tally.ts";

/** Nanoseconds of histogram to seconds. */
const seconds = (ns: number) => (Number.isFinite(ns) ? ns / 1e9 : 0);

/** Looks at a server when somebody asks; until then it costs nothing. */
export class Snapshots {
  private readonly startedAt = Date.now();
  private delay: ReturnType<typeof monitorEventLoopDelay> | undefined;

  constructor(
    private readonly open: ReadonlySet<Peer>,
    private readonly tally: TallyKeeper,
    private readonly stalls: Stalls,
  ) {}

  take({ search, limit }: PeerQuery): Snapshot {
    const { connections, bytes, closed, rejected } = this.tally.read(this.open);
    const views: PeerView[] = [];
    for (const peer of this.open) {
      if (peer.name.includes(search)) views.push(viewOf(peer));
    }
    return {
      at: Date.now(),
      startedAt: this.startedAt,
      workers: { planned: 0, alive: 0, restarts: 0 },
      connections: { ...connections, rejected },
      closed,
      bytes: { ...bytes, pending: this.stalls.pending },
      stalled: { now: this.stalls.now, ever: this.stalls.ever },
      eventLoopDelay: this.takeDelay(),
      memory: { rss: process.memoryUsage.rss() },
      peers: views.toSorted(byWeight).slice(0, limit),
      found: views.length,
    };
  }

  /** Since the last look; the first begins to measure. */
  private takeDelay(): Snapshot["eventLoopDelay"] {
    if (this.delay === undefined) {
      this.delay = monitorEventLoopDelay({ resolution: 10 });
      this.delay.enable();
      return { p50: 0, p99: 0, max: 0 };
    }
    const { delay } = this;
    const taken = {
      p50: seconds(delay.percentile(50)),
      p99: seconds(delay.percentile(99)),
      max: seconds(delay.max),
    };
    delay.reset();
    return taken;
  }

  stop(): void {
    this.delay?.disable();
  }
}

function viewOf(peer: Peer): PeerView {
  const { pending } = peer.outbox;
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
