import type { AdminSource } from "../../src/admin/source.ts";
import {
  orderOf,
  type PeerQuery,
  type PeerView,
} from "../../src/status/peers.ts";
import type { Unready } from "../../src/status/readiness.ts";
import {
  type Counts,
  NOTHING,
  type Snapshot,
} from "../../src/status/snapshot.ts";

const STARTED = Date.UTC(2026, 10, 1, 9, 5, 7);

export function peerOf(id: number, instead: Partial<PeerView> = {}): PeerView {
  return {
    id,
    worker: id % 2,
    peer: `10.0.${id >> 8}.${id & 255}:${20_000 + id}`,
    since: STARTED + id,
    bytesIn: 10_000_000 - id * 100,
    bytesOut: 10_000_000 - id * 100,
    pending: 0,
    stalled: false,
    ...instead,
  };
}

/** A server that is what a test makes it, and counts who asks. */
export class FakeSource implements AdminSource {
  peers: PeerView[] = [];
  why: Unready | undefined;
  /** What is thrown instead of a snapshot. */
  trouble: Error | undefined;
  /** What was asked, in order. */
  readonly asked: PeerQuery[] = [];
  totals: Partial<Snapshot> = {};
  /** What happens before each snapshot. */
  onAsk = (): void => {};
  now = (): number => STARTED + 60_000;

  constructor(peers = 0) {
    this.peers = Array.from({ length: peers }, (_, index) => peerOf(index + 1));
  }

  unready(): Unready | undefined {
    return this.why;
  }

  async snapshot(query: PeerQuery): Promise<Snapshot> {
    this.asked.push(query);
    this.onAsk();
    if (this.trouble !== undefined) throw this.trouble;
    const found = this.peers.filter(({ peer }) => peer.includes(query.search));
    return {
      ...(await this.counts()),
      eventLoopDelay: { p50: 0.00031, p99: 0.0012, max: 0.0301 },
      memory: { rss: 123_456_789 },
      peers: found
        .toSorted(query.sort === undefined ? () => 0 : orderOf(query.sort))
        .slice(0, query.limit),
      found: found.length,
      ...this.totals,
    };
  }

  async counts(): Promise<Counts> {
    const sum = (key: "bytesIn" | "bytesOut" | "pending") =>
      this.peers.reduce((total, peer) => total + peer[key], 0);
    const stalled = this.peers.filter((peer) => peer.stalled).length;
    const { connections, bytes } = NOTHING;
    return {
      ...NOTHING,
      at: this.now(),
      startedAt: STARTED,
      workers: { planned: 2, alive: 2, restarts: 1 },
      limits: { connections: 10_000, pending: 256 * 2 ** 20 },
      connections: {
        ...connections,
        open: this.peers.length,
        total: this.peers.length + 1234,
        rejected: { "max-connections": 7, deny: 0 },
      },
      closed: { FIN: 1200, RST: 30, stop: 0, error: 4 },
      bytes: {
        ...bytes,
        in: sum("bytesIn"),
        out: sum("bytesOut"),
        pending: sum("pending"),
        dropped: 4096,
      },
      stalled: { now: stalled, ever: stalled + 5 },
    };
  }
}
