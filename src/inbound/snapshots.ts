import {
  byWeight,
  first,
  orderOf,
  type PeerQuery,
  type PeerView,
} from "../status/peers.ts";
import { residentMemory, steadyTime } from "../status/process.ts";
import type { Counts, Limits, Snapshot } from "../status/snapshot.ts";
import { LoopDelay } from "./loop-delay.ts";
import type { Session } from "./session.ts";

/** What is counted of connections all the time. */
export interface Counted {
  /** Those that are open now. */
  readonly open: ReadonlySet<Session>;
  readonly stalls: { pending: number; now: number; ever: number };
  readonly tally: Pick<Counts, "closed"> & {
    connections: { open: number; total: number };
    bytes: { in: number; out: number; dropped: number };
    rejected: Record<string, number>;
  };
}

/** Looks at a server when somebody asks; until then it costs nothing. */
export class Snapshots {
  private readonly startedAt = steadyTime();
  private readonly delay = new LoopDelay();

  constructor(
    private readonly sessions: Counted,
    private readonly limits: Limits,
  ) {}

  counts(): Counts {
    const { stalls, tally } = this.sessions;
    const { connections, bytes, closed, rejected } = tally;
    return {
      at: steadyTime(),
      startedAt: this.startedAt,
      workers: { planned: 0, alive: 0, restarts: 0 },
      limits: this.limits,
      connections: { ...connections, rejected },
      closed,
      bytes: { ...bytes, pending: stalls.pending },
      stalled: { now: stalls.now, ever: stalls.ever },
    };
  }

  take(query: PeerQuery): Snapshot {
    const found = this.find(query.search);
    return {
      ...this.counts(),
      eventLoopDelay: this.delay.read(),
      memory: { rss: residentMemory() },
      peers: list(found, query),
      found: found.size,
    };
  }

  private find(search: string): ReadonlySet<Session> {
    const { open } = this.sessions;
    if (search === "") return open;
    const found = new Set<Session>();
    for (const peer of open) {
      if (peer.name.includes(search)) found.add(peer);
    }
    return found;
  }

  stop(): void {
    this.delay.stop();
  }
}

/** As a snapshot tells it, which JSON has to hold. */
export function limitOf(most: number): number | null {
  return Number.isFinite(most) ? most : null;
}

function list(
  found: ReadonlySet<Session>,
  { sort, limit }: PeerQuery,
): PeerView[] {
  // The usual order wants no view of those that are not listed.
  return sort === undefined
    ? first(found, limit, byWeight).map(viewOf)
    : first([...found].map(viewOf), limit, orderOf(sort));
}

function viewOf(peer: Session): PeerView {
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
