/** Who may be owed something. */
export interface Owed {
  readonly outbox: { readonly pending: number; readonly held: number };
}

interface Held {
  pending: number;
  memory: number;
}

const NOTHING: Held = { pending: 0, memory: 0 };

/** How often it is tried whether a peer that does not read is still there. */
const RETRY_EVERY = 1000;

/**
 * What memory costs beyond the bytes that are held in it: allocators round
 * sizes up, and give what is freed back to the system later. Measured with 800
 * peers that stall and reset: up to 22 %.
 */
const OVERHEAD = 1.25;

/** @returns the most bytes to hold, for a process to grow by `most` */
export function roomWithin(most: number): number {
  return most / OVERHEAD;
}

/**
 * The peers that don't take what they are owed, and how much that is in all:
 * one stalled connection holds half a megabyte, many hold a machine's memory.
 */
export class Stalls<Peer extends Owed> {
  /** Bytes owed to all of them. */
  pending = 0;
  /** Bytes of memory that it takes to keep them. */
  private memory = 0;
  /** How often a peer has stalled. */
  ever = 0;
  /** What each holds; who has been stalled for longest comes first. */
  private readonly held = new Map<Peer, Held>();
  private timer: Timer | undefined;

  /**
   * @param most bytes of memory to hold
   * @param drop ends a peer's connection, since the others hold less
   */
  constructor(
    private readonly most: number,
    private readonly drop: (peer: Peer) => void,
  ) {}

  /**
   * Tries from now on whether they are still there: no event tells of a paused
   * TLS socket whose reset Bun's own write met, but the next write does.
   * @param write writes what a peer is owed, if it takes it now
   */
  retry(write: (peer: Peer) => void, every = RETRY_EVERY): void {
    this.timer = setInterval(() => {
      for (const peer of this.held.keys()) write(peer);
    }, every);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  get now(): number {
    return this.held.size;
  }

  /** To be called when what a peer is owed has changed. */
  update(peer: Peer): void {
    const { pending, held: memory } = peer.outbox;
    if (pending === 0) {
      this.remove(peer);
      return;
    }
    const before = this.held.get(peer) ?? NOTHING;
    if (before === NOTHING) this.ever += 1;
    this.pending += pending - before.pending;
    this.memory += memory - before.memory;
    this.held.set(peer, { pending, memory });
    while (this.memory > this.most) {
      const [longest] = this.held.keys();
      this.remove(longest!);
      this.drop(longest!);
    }
  }

  remove(peer: Peer): void {
    const { pending, memory } = this.held.get(peer) ?? NOTHING;
    this.pending -= pending;
    this.memory -= memory;
    this.held.delete(peer);
  }
}
