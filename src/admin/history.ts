import type { AdminSource } from "./source.ts";

const SECOND = 1000;
/** Ten minutes, as the page shows them. */
const MOST = 600;

/** Milliseconds since 1970, bytes in and out since the start, open, stalled. */
export type Sample = readonly [
  at: number,
  bytesIn: number,
  bytesOut: number,
  open: number,
  stalled: number,
];

/**
 * A sample of each of the last ten minutes' seconds, so that a page that is
 * opened now shows what was before.
 */
export class History {
  readonly samples: Sample[] = [];
  private asking = false;
  private timer: Timer | undefined;

  constructor(private readonly source: Pick<AdminSource, "counts">) {}

  start(): void {
    this.timer = setInterval(() => void this.take(), SECOND);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private async take(): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    try {
      const { at, bytes, connections, stalled } = await this.source.counts();
      const { in: bytesIn, out } = bytes;
      this.samples.push([at, bytesIn, out, connections.open, stalled.now]);
      if (this.samples.length > MOST) this.samples.shift();
    } catch {
      // A second without counts is a gap.
    } finally {
      this.asking = false;
    }
  }
}
