import type { Peer } from "./peer.ts";

/**
 * The peers that don't take what they are owed, and how much that is in all:
 * one stalled connection holds half a megabyte, many hold a machine's memory.
 */
export class Stalls {
  /** Bytes held for all of them. */
  pending = 0;
  /** How often a peer has stalled. */
  ever = 0;
  /** What each holds; who has been stalled for longest comes first. */
  private readonly held = new Map<Peer, number>();

  /**
   * @param most bytes to hold
   * @param drop ends a peer's connection, since the others hold less
   */
  constructor(
    private readonly most: number,
    private readonly drop: (peer: Peer) => void,
  ) {}

  get now(): number {
    return this.held.size;
  }

  /** To be called when what a peer is owed has changed. */
  update(peer: Peer): void {
    const before = this.held.get(peer) ?? 0;
    const { pending } = peer.outbox;
    this.pending += pending - before;
    if (pending === 0) {
      this.held.delete(peer);
      return;
    }
    if (before === 0) this.ever += 1;
    this.held.set(peer, pending);
    while (this.pending > this.most) {
      const [longest] = this.held.keys();
      this.remove(longest!);
      this.drop(longest!);
    }
  }

  remove(peer: Peer): void {
    this.pending -= this.held.get(peer) ?? 0;
    this.held.delete(peer);
  }
}
