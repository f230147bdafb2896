/** How late one may be told at most, so that many cost few timers. */
const GRAIN = 250;

/**
 * Items that all have the same time limit. One timer serves all of them: it is
 * set for the oldest.
 */
export class Deadlines<Item> {
  /** When each was added, the oldest first. */
  private readonly waiting = new Map<Item, number>();
  private latest = Infinity;
  private timer: Timer | undefined;

  /**
   * @param time milliseconds
   * @param missed is called with an item whose time is over; it is removed
   */
  constructor(
    private readonly time: number,
    private readonly missed: (item: Item) => void,
  ) {}

  get size(): number {
    return this.waiting.size;
  }

  /** The one that was added first. */
  get oldest(): Item | undefined {
    const [item] = this.waiting.keys();
    return item;
  }

  add(item: Item): void {
    this.waiting.set(item, performance.now());
    if (this.timer === undefined) this.sweep();
  }

  /** @returns whether it was there */
  remove(item: Item): boolean {
    return this.waiting.delete(item);
  }

  /** From now on no item has more than `time` milliseconds. */
  shorten(time: number): void {
    this.latest = Math.min(this.latest, performance.now() + time);
    this.sweep();
  }

  /** Removes all. */
  takeAll(): Item[] {
    const items = [...this.waiting.keys()];
    this.waiting.clear();
    clearTimeout(this.timer);
    this.timer = undefined;
    return items;
  }

  private sweep(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const now = performance.now();
    for (const [item, since] of this.waiting) {
      const due = Math.min(since + this.time, this.latest);
      if (now < due) {
        this.timer = setTimeout(() => this.sweep(), Math.max(due - now, GRAIN));
        return;
      }
      this.waiting.delete(item);
      this.missed(item);
    }
  }
}
