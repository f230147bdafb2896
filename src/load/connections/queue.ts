/** A first-in, first-out queue that neither moves nor allocates as it turns. */
export class Queue<T> {
  private items: (T | undefined)[] = new Array(64);
  private head = 0;
  length = 0;

  push(item: T): void {
    if (this.length === this.items.length) this.grow();
    this.items[(this.head + this.length) & (this.items.length - 1)] = item;
    this.length += 1;
  }

  /** The next, which stays. */
  peek(): T | undefined {
    return this.items[this.head];
  }

  shift(): T | undefined {
    if (this.length === 0) return undefined;
    const item = this.items[this.head];
    this.items[this.head] = undefined;
    this.head = (this.head + 1) & (this.items.length - 1);
    this.length -= 1;
    return item;
  }

  private grow(): void {
    const { items, head } = this;
    this.items = [...items.slice(head), ...items.slice(0, head)];
    this.items.length *= 2;
    this.head = 0;
  }
}

/** Lets a number of acts go on at one time; the others wait in line. */
export class Gate {
  private readonly line = new Queue<() => void>();

  constructor(private room: number) {}

  async through(act: () => Promise<void>): Promise<void> {
    if (this.room > 0) this.room -= 1;
    else await new Promise<void>((enter) => this.line.push(enter));
    try {
      await act();
    } finally {
      const next = this.line.shift();
      if (next === undefined) this.room += 1;
      else next();
    }
  }
}
