import { monitorEventLoopDelay } from "node:perf_hooks";

/** Seconds. */
export interface Delay {
  p50: number;
  p99: number;
  max: number;
}

/** Milliseconds over which a delay is remembered. */
const WINDOW = 15_000;

/** Nanoseconds of an empty histogram are not finite. */
const seconds = (ns: number) => (Number.isFinite(ns) ? ns / 1e9 : 0);

/**
 * How late the event loop is: of the window that ended last and the one that
 * goes on, the slower, so that however many look, each sees the last 15 to 30
 * seconds. The first look begins; until then it costs nothing.
 */
export class LoopDelay {
  private histogram: ReturnType<typeof monitorEventLoopDelay> | undefined;
  private windowFrom = 0;
  private before: Delay = { p50: 0, p99: 0, max: 0 };

  constructor(private readonly monitor = monitorEventLoopDelay) {}

  read(): Delay {
    const now = performance.now();
    if (this.histogram === undefined) {
      this.histogram = this.monitor({ resolution: 10 });
      this.histogram.enable();
      this.windowFrom = now;
    }
    const { histogram, before } = this;
    const going: Delay = {
      p50: seconds(histogram.percentile(50)),
      p99: seconds(histogram.percentile(99)),
      max: seconds(histogram.max),
    };
    if (now - this.windowFrom >= WINDOW) {
      this.before = going;
      this.windowFrom = now;
      histogram.reset();
    }
    return {
      p50: Math.max(before.p50, going.p50),
      p99: Math.max(before.p99, going.p99),
      max: Math.max(before.max, going.max),
    };
  }

  stop(): void {
    this.histogram?.disable();
  }
}
