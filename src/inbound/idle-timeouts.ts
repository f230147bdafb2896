import type { Session } from "./session.ts";

const LOOK_EVERY = 500;

/** Milliseconds that a peer has for its own FIN, after ours. */
const FIN_WITHIN = 1000;

/** When connections are ended that have done nothing wrong. */
export interface IdleTimeoutsOptions {
  /** Milliseconds without a byte in either direction. */
  idleTimeout?: number | undefined;
  /** Milliseconds since it was accepted. */
  maxLifetime?: number | undefined;
}

/**
 * Ends connections that have been idle, or open, for too long: one sweep for
 * all, which finds out who was idle by counts that messages make anyway.
 */
export class IdleTimeouts {
  private readonly timer: Timer | undefined;
  private readonly heard = new WeakMap<
    Session,
    { bytes: number; at: number }
  >();
  /** When our FIN went out. */
  private readonly finished = new WeakMap<Session, number>();
  private lastSweep = performance.now();
  /**
   * Milliseconds for which this process has run. What came while it stood
   * still is not read yet: nobody was idle then.
   */
  private awake = 0;

  constructor(
    private readonly open: ReadonlySet<Session>,
    private readonly options: IdleTimeoutsOptions,
  ) {
    const { idleTimeout, maxLifetime } = options;
    if (idleTimeout === undefined && maxLifetime === undefined) return;
    this.timer = setInterval(() => this.sweep(), LOOK_EVERY);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private sweep(): void {
    const now = performance.now();
    this.awake += Math.min(now - this.lastSweep, 2 * LOOK_EVERY);
    this.lastSweep = now;
    const { idleTimeout = Infinity, maxLifetime = Infinity } = this.options;
    for (const peer of this.open) {
      if (now - peer.openedAt >= maxLifetime) this.end(peer, "lifetime");
      else if (this.quietFor(peer) >= idleTimeout) this.end(peer, "idle");
    }
  }

  /** With our FIN, and the peer's; without it where it does not come. */
  private end(peer: Session, cause: "idle" | "lifetime"): void {
    const finishedAt = this.finished.get(peer) ?? -Infinity;
    const owed = peer.isPaused || peer.pending > 0;
    if (peer.phase === "open" && !owed) {
      this.finished.set(peer, this.awake);
      peer.finish(cause);
    } else if (this.awake - finishedAt >= FIN_WITHIN) {
      peer.close(cause);
    }
  }

  private quietFor(peer: Session): number {
    const bytes = peer.bytesIn + peer.bytesOut;
    const last = this.heard.get(peer);
    // One whose turn it is not may have sent something.
    if (last?.bytes === bytes && !peer.isWaiting) return this.awake - last.at;
    this.heard.set(peer, { bytes, at: this.awake });
    return 0;
  }
}
