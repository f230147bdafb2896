import { type Rejection, Rejections } from "../inbound/rejection.ts";
import type { Cause, Peer } from "./peer.ts";

/** What a server has done so far: plain values, a new object for each look. */
export interface Tally {
  connections: { open: number; total: number };
  bytes: {
    in: number;
    out: number;
    /** Taken from peers and never sent back, since the connection was gone. */
    dropped: number;
  };
  closed: Record<Cause, number>;
  /** Connections that were not let in, by reason. */
  rejected: Record<Rejection, number>;
}

/**
 * Counts what has closed. Open connections count for themselves and are added
 * up when somebody asks, so that a message costs nothing here.
 */
export class TallyKeeper {
  private total = 0;
  private bytesIn = 0;
  private bytesOut = 0;
  private dropped = 0;
  private readonly closed: Record<Cause, number> = {
    FIN: 0,
    RST: 0,
    truncated: 0,
    stop: 0,
    idle: 0,
    lifetime: 0,
    pending: 0,
    owner: 0,
    asked: 0,
    fault: 0,
    error: 0,
  };

  private readonly rejections = new Rejections();

  reject(reason: Rejection): void {
    this.rejections.add(reason);
  }

  opened(): number {
    return ++this.total;
  }

  ended(peer: Peer): void {
    this.bytesIn += peer.bytesIn;
    this.bytesOut += peer.bytesOut;
    this.dropped += peer.outbox.pending;
    this.closed[peer.cause] += 1;
  }

  read(open: ReadonlySet<Peer>): Tally {
    let bytesIn = this.bytesIn;
    let bytesOut = this.bytesOut;
    for (const peer of open) {
      bytesIn += peer.bytesIn;
      bytesOut += peer.bytesOut;
    }
    return {
      connections: { open: open.size, total: this.total },
      bytes: { in: bytesIn, out: bytesOut, dropped: this.dropped },
      closed: { ...this.closed },
      rejected: this.rejections.read(),
    };
  }
}
