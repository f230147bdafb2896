import type { Peer } from "../peer.ts";

/** Bytes of a chunk by which a peer is known to send in bulk. */
export const BULK = 64 * 1024;
/** Bytes of bulk in one turn of the event loop: about a millisecond's worth. */
const TURN = 2 ** 20;
/** How many of those who wait are read from in a turn. */
const NEXT = 2;

/**
 * Has peers that send in bulk take turns. Bun reads up to ten half megabytes of
 * each socket that has them before it looks at the next: with hundreds of them,
 * whoever sends a line would wait for a second.
 */
export class Turns {
  /** Who is not read from until it is their turn, in their order. */
  private readonly waiting = new Set<Peer>();
  private taken = 0;
  private isScheduled = false;

  /** To be called once a bulk chunk of a peer is answered. */
  took(peer: Peer, bytes: number): void {
    this.taken += bytes;
    if (!this.isScheduled) this.schedule();
    if (this.taken < TURN && this.waiting.size === 0) return;
    peer.isPaused = true;
    peer.wire.pause();
    this.waiting.add(peer);
  }

  /** One that has closed has no turn. */
  remove(peer: Peer): void {
    this.waiting.delete(peer);
  }

  private schedule(): void {
    this.isScheduled = true;
    setImmediate(() => this.next());
  }

  private next(): void {
    this.isScheduled = false;
    this.taken = 0;
    const next = [...this.waiting.keys().take(NEXT)];
    for (const peer of next) {
      this.waiting.delete(peer);
      // One that stalled meanwhile goes on once it has taken what it is owed.
      if (peer.outbox.pending > 0) continue;
      peer.isPaused = false;
      peer.wire.resume();
    }
    if (this.waiting.size > 0) this.schedule();
  }
}
