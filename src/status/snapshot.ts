import { orderOf, type PeerQuery, type PeerView } from "./peers.ts";

export type { PeerQuery, PeerView } from "./peers.ts";

/** null is none. */
export interface Limits {
  connections: number | null;
  /** Bytes of memory held for peers that don't read. */
  pending: number | null;
}

/** What a server counts all the time. */
export interface Counts {
  /** Milliseconds since 1970. */
  at: number;
  startedAt: number;
  workers: { planned: number; alive: number; restarts: number };
  limits: Limits;
  connections: {
    open: number;
    total: number;
    /** By reason: `max-connections`, `max-connections-per-ip`, `deny`, … */
    rejected: Record<string, number>;
  };
  /** By cause: FIN, RST, stop, idle, …, and `worker-died` with its worker. */
  closed: Record<string, number>;
  bytes: {
    in: number;
    out: number;
    /** Held for peers that don't read. */
    pending: number;
    /** Never sent back, since the connection was gone. */
    dropped: number;
  };
  /** How many connections are stalled now, and how often one ever was. */
  stalled: { now: number; ever: number };
}

/** A server at one moment, or all its workers added up. */
export interface Snapshot extends Counts {
  /** Seconds, of the slowest worker, over the last 15 to 30 seconds. */
  eventLoopDelay: { p50: number; p99: number; max: number };
  /** Bytes, of all processes. */
  memory: { rss: number };
  peers: PeerView[];
  /** How many connections the search found, listed or not. */
  found: number;
}

/** A server that has done nothing yet. */
export const NOTHING: Snapshot = {
  at: 0,
  startedAt: Infinity,
  workers: { planned: 0, alive: 0, restarts: 0 },
  limits: { connections: 0, pending: 0 },
  connections: { open: 0, total: 0, rejected: {} },
  closed: {},
  bytes: { in: 0, out: 0, pending: 0, dropped: 0 },
  stalled: { now: 0, ever: 0 },
  eventLoopDelay: { p50: 0, p99: 0, max: 0 },
  memory: { rss: 0 },
  peers: [],
  found: 0,
};

/**
 * What remains of a server that is gone: what it did. What it held is lost.
 * @param cause of the end of the connections that it still had
 */
export function pastOf(last: Counts, cause: string): Snapshot {
  const { connections, closed, bytes, stalled } = last;
  return {
    ...NOTHING,
    connections: { ...connections, open: 0 },
    closed: { ...closed, [cause]: (closed[cause] ?? 0) + connections.open },
    bytes: { ...bytes, pending: 0, dropped: bytes.dropped + bytes.pending },
    stalled: { ...stalled, now: 0 },
  };
}

/** Where one has none, all together have none. */
function addLimit(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
}

function addCounts(
  sum: Record<string, number>,
  more: Record<string, number>,
): Record<string, number> {
  const added = { ...sum };
  for (const [key, count] of Object.entries(more)) {
    added[key] = (added[key] ?? 0) + count;
  }
  return added;
}

/** Adds two workers up; delays are the slower one's. */
export function addSnapshots(
  a: Snapshot,
  b: Snapshot,
  { limit, sort }: PeerQuery,
): Snapshot {
  const slower = (key: "p50" | "p99" | "max") =>
    Math.max(a.eventLoopDelay[key], b.eventLoopDelay[key]);
  return {
    at: Math.max(a.at, b.at),
    startedAt: Math.min(a.startedAt, b.startedAt),
    workers: {
      planned: a.workers.planned + b.workers.planned,
      alive: a.workers.alive + b.workers.alive,
      restarts: a.workers.restarts + b.workers.restarts,
    },
    limits: {
      connections: addLimit(a.limits.connections, b.limits.connections),
      pending: addLimit(a.limits.pending, b.limits.pending),
    },
    connections: {
      open: a.connections.open + b.connections.open,
      total: a.connections.total + b.connections.total,
      rejected: addCounts(a.connections.rejected, b.connections.rejected),
    },
    closed: addCounts(a.closed, b.closed),
    bytes: {
      in: a.bytes.in + b.bytes.in,
      out: a.bytes.out + b.bytes.out,
      pending: a.bytes.pending + b.bytes.pending,
      dropped: a.bytes.dropped + b.bytes.dropped,
    },
    stalled: {
      now: a.stalled.now + b.stalled.now,
      ever: a.stalled.ever + b.stalled.ever,
    },
    eventLoopDelay: {
      p50: slower("p50"),
      p99: slower("p99"),
      max: slower("max"),
    },
    memory: { rss: a.memory.rss + b.memory.rss },
    peers: [...a.peers, ...b.peers].toSorted(orderOf(sort)).slice(0, limit),
    found: a.found + b.found,
  };
}
