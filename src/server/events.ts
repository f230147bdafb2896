import { failure, Reason } from "../errors/errors.ts";

/** Events that nobody has read yet, at most. */
const UNREAD_MOST = 100_000;

/**
 * Events for one who reads them one by one: none is lost from when it is made
 * on. One who leaves too many of them unread is told so, instead of the rest.
 */
export class EventQueue<Event> implements AsyncIterableIterator<Event> {
  private unread: Event[] = [];
  private readonly waiting: PromiseWithResolvers<IteratorResult<Event>>[] = [];
  private isOver = false;
  private error: Error | undefined;

  /** @param left it wants no more events */
  constructor(
    private readonly signal: AbortSignal | undefined,
    private readonly left: () => void,
  ) {
    if (signal?.aborted) this.aborted();
    else signal?.addEventListener("abort", this.aborted, { once: true });
  }

  push(event: Event): void {
    if (this.isOver) return;
    const reader = this.waiting.shift();
    if (reader !== undefined) reader.resolve({ done: false, value: event });
    else if (this.unread.length < UNREAD_MOST) this.unread.push(event);
    else {
      const why = `${UNREAD_MOST} of them are unread`;
      this.end(failure("cannot keep more events", new Reason("ENOBUFS", why)));
    }
  }

  /** There are no more, but those that are unread; then `error`, if there is one. */
  end(error?: Error): void {
    if (this.isOver) return;
    this.isOver = true;
    this.signal?.removeEventListener("abort", this.aborted);
    this.left();
    if (this.waiting.length === 0) this.error = error;
    for (const reader of this.waiting.splice(0)) {
      if (error === undefined) reader.resolve({ done: true, value: undefined });
      else reader.reject(error);
    }
  }

  private readonly aborted = (): void => {
    this.unread = [];
    this.end(this.signal!.reason as Error);
  };

  async next(): Promise<IteratorResult<Event>> {
    if (this.unread.length > 0) {
      return { done: false, value: this.unread.shift()! };
    }
    if (this.error !== undefined) {
      const { error } = this;
      this.error = undefined;
      throw error;
    }
    if (this.isOver) return { done: true, value: undefined };
    const reader = Promise.withResolvers<IteratorResult<Event>>();
    this.waiting.push(reader);
    return reader.promise;
  }

  /** As `break` in a loop does. */
  async return(): Promise<IteratorResult<Event>> {
    this.unread = [];
    this.end();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}
