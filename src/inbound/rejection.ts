import type { ProxyRejection } from "./layers/proxied.ts";
import type { TlsRejection } from "./layers/tls.ts";
import type { Refusal } from "./permits.ts";

/** Why a connection came to nothing. */
export type Rejection = Refusal | ProxyRejection | TlsRejection;

/** What is told of a connection that was not let in. */
export interface Rejected {
  reason: Rejection;
  /** As far as it is known: before its PROXY header, a connection is a proxy's. */
  peer: string;
  /** In words, where there is more to be said than the reason. */
  why?: string;
}

/** How many were turned away, by reason. */
export class Rejections {
  private readonly counts: Record<Rejection, number> = {
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

  add(reason: Rejection): void {
    this.counts[reason] += 1;
  }

  read(): Record<Rejection, number> {
    return { ...this.counts };
  }
}
