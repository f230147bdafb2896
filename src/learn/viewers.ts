type Viewer = ReadableStreamDefaultController<Uint8Array>;

/** How often somebody is told at most, in milliseconds. */
const EVERY = 60;
/** And at least: waits grow while nothing happens. */
const AT_LEAST = 1000;

/** Pages that are told of each change, as server-sent events. */
export class Viewers implements Disposable {
  private readonly viewers = new Map<Viewer, (version: number) => unknown>();
  private version = 0;
  private timer: Timer | undefined;
  private readonly beat: Timer;

  constructor() {
    this.beat = setInterval(() => this.tell(), AT_LEAST);
  }

  /** Something has changed. */
  changed(): void {
    this.version += 1;
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.tell();
    }, EVERY);
  }

  /** @param told what a viewer is told, of a version */
  view(told: (version: number) => unknown): ReadableStream<Uint8Array> {
    let own: Viewer;
    return new ReadableStream<Uint8Array>({
      start: (viewer) => {
        own = viewer;
        this.viewers.set(viewer, told);
        this.tellOne(viewer, told);
      },
      cancel: () => void this.viewers.delete(own),
    });
  }

  private tell(): void {
    for (const [viewer, told] of this.viewers) this.tellOne(viewer, told);
  }

  private tellOne(viewer: Viewer, told: (version: number) => unknown): void {
    // One that is behind gets the next, not all that it missed.
    if ((viewer.desiredSize ?? 0) < 0) return;
    const text = `data: ${JSON.stringify(told(this.version))}\n\n`;
    viewer.enqueue(new TextEncoder().encode(text));
  }

  [Symbol.dispose](): void {
    clearInterval(this.beat);
    clearTimeout(this.timer);
    for (const viewer of this.viewers.keys()) viewer.close();
    this.viewers.clear();
  }
}
