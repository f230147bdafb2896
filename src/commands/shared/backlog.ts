/** Takes a text, now or later, and calls back when it has. */
export interface Writer {
  write(text: string, taken: () => void): unknown;
}

/** Characters that may wait. */
const MOST = 4 * 2 ** 20;
/** Milliseconds that the end of a process may wait for their reader. */
const WITHIN = 3000;

/**
 * Lines for a reader who may be slow, or gone: whoever writes them does not
 * wait, and beyond a limit they are left out, and counted.
 */
export class Backlog {
  /** Is told how many lines were left out, once there is room again. */
  onLeftOut: (count: number) => void = () => {};
  /** Characters that are not taken yet, those being written among them. */
  private waiting = 0;
  /** Lines that are written once those before them are taken: a stream holds
   * each write by itself, which costs ten times its text. */
  private next = "";
  private writes = 0;
  private leftOut = 0;
  private empty = Promise.withResolvers<void>();

  constructor(
    private readonly writer: Writer,
    private readonly most = MOST,
  ) {}

  add(line: string): void {
    // Those that were left out come first, so that they are told in their place.
    if (this.leftOut > 0 || this.waiting > this.most) {
      this.leftOut += 1;
      return;
    }
    this.waiting += line.length + 1;
    this.next += `${line}\n`;
    if (this.writes === 0) this.write();
  }

  /** Hands over what waits, before something that is not of it is written. */
  flush(): void {
    if (this.next !== "") this.write();
  }

  /** Resolves once all is taken, or nobody takes it for too long. */
  async emptied(within = WITHIN): Promise<void> {
    if (this.waiting === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, within);
    await Promise.race([this.empty.promise, promise]);
    clearTimeout(timer);
  }

  private write(): void {
    const { next } = this;
    this.next = "";
    this.writes += 1;
    this.writer.write(next, () => this.taken(next.length));
  }

  private taken(length: number): void {
    this.writes -= 1;
    this.waiting -= length;
    if (this.leftOut > 0 && this.waiting <= this.most / 2) {
      const count = this.leftOut;
      this.leftOut = 0;
      this.onLeftOut(count);
    }
    if (this.writes === 0) this.flush();
    if (this.waiting > 0) return;
    this.empty.resolve();
    this.empty = Promise.withResolvers();
  }
}
