import type { Cause, Peer } from "./peer.ts";
import type { ProxyRejection } from "./layers/proxied.ts";
import type { TlsRejection } from "./layers/tls.ts";
import type { Refusal } from "./permits.ts";

/** Why a connection came to nothing. */
export type Rejection = Refusal | ProxyRejection | TlsRejection;

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
    error: 0,
  };

  private readonly rejected: Record<Rejection, number> = {
    "max-connections": 0,
    "max-connections-per-ip": 0,
    deny: 0,
    "no-files": 0,
    "proxy-malformed": 0,
    "proxy-late": 0,
    "proxy-absent": 0,
    "proxy-denied": 0,
    "tls-failed": 0,
    "tls-late": 0,
  };

  reject(reason: Rejection): void {
    this.rejected[reason] += 1;
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
      rejected: { ...this.rejected },
    };
  }
}
