/** Time that faults act by: milliseconds, as `performance.now()` has them. */
export interface Clock {
  now(): number;
  /** @returns what calls it off */
  at(due: number, run: () => void): () => void;
}

interface Entry {
  due: number;
  /** Of two at one time the older goes first. */
  order: number;
  /** Undefined once it was called off. */
  run: (() => void) | undefined;
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order);
}

/**
 * A timer has whole milliseconds and comes late: so it is set for a while
 * before, and the rest is waited for turn by turn of the event loop, which
 * costs a core for so long.
 */
const EARLIER = 1;

/** One timer for all that is due, to a fraction of a millisecond. */
export class TimerQueue implements Clock {
  /** A binary heap: what is due next comes first. */
  private readonly heap: Entry[] = [];
  private order = 0;
  private timer: Timer | undefined;
  private turn: NodeJS.Immediate | undefined;
  private set = Infinity;

  now(): number {
    return performance.now();
  }

  at(due: number, run: () => void): () => void {
    const entry: Entry = { due, order: this.order++, run };
    this.push(entry);
    if (due < this.set) this.arm();
    return () => {
      entry.run = undefined;
      // Nothing that nobody waits for keeps the process alive.
      if (entry === this.heap[0]) this.arm();
    };
  }

  private arm(): void {
    clearTimeout(this.timer);
    clearImmediate(this.turn);
    while (this.heap.length > 0 && this.heap[0]!.run === undefined) this.pop();
    const first = this.heap[0];
    this.set = first?.due ?? Infinity;
    if (first === undefined) return;
    const wait = Math.floor(first.due - this.now() - EARLIER);
    if (wait >= 1) this.timer = setTimeout(() => this.fire(), wait);
    else this.turn = setImmediate(() => this.fire());
  }

  private fire(): void {
    // Whoever is added meanwhile waits for arm() below.
    this.set = -Infinity;
    const now = this.now();
    try {
      while (this.heap.length > 0 && this.heap[0]!.due <= now) {
        this.pop().run?.();
      }
    } finally {
      this.arm();
    }
  }

  private push(entry: Entry): void {
    const { heap } = this;
    let at = heap.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(entry, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = entry;
  }

  private pop(): Entry {
    const { heap } = this;
    const first = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      const right = child + 1;
      if (right < heap.length && isBefore(heap[right]!, heap[child]!)) {
        child = right;
      }
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

/** A clock for one connection, of whose timers none is left when it is over. */
export class OwnTimers implements Clock {
  private readonly cancels = new Set<() => void>();
  private isStopped = false;

  constructor(private readonly clock: Clock) {}

  now(): number {
    return this.clock.now();
  }

  at(due: number, run: () => void): () => void {
    if (this.isStopped) return () => {};
    const stop = this.clock.at(due, () => {
      this.cancels.delete(cancel);
      run();
    });
    const cancel = () => {
      this.cancels.delete(cancel);
      stop();
    };
    this.cancels.add(cancel);
    return cancel;
  }

  /** Nothing runs any more, not even what is asked for later. */
  stop(): void {
    this.isStopped = true;
    for (const cancel of this.cancels) cancel();
  }
}
