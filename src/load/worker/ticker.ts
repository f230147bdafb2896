import { LONGEST_TIMER } from "../../units.ts";

/** From here on a timer is too coarse, and turning on setImmediate begins. */
const TURN_BELOW = 2;
/** How much later than asked for a timer may be, in milliseconds. */
const TIMER_SLACK = 1.5;
/**
 * How long each turn watches the clock before it lets events in. A bare
 * setImmediate turns so often that its own garbage, some 70 MB a second, calls
 * the collector again and again; watching costs nobody more than this.
 */
const WATCH = 0.01;

/** Acts at times that the act itself tells, as precisely as it can be done. */
export class Ticker {
  private timer: Timer | undefined;
  private immediate: ReturnType<typeof setImmediate> | undefined;
  /** Whether it was to be called after a while that needs no precision. */
  private idle = false;

  /**
   * @param act is told the time; returns in how many milliseconds it is to be
   *   called again: Infinity for never, 0 or less for a while that needs no
   *   precision
   */
  constructor(private readonly act: (now: number) => number) {}

  start(): void {
    this.turn();
  }

  /** What it was idle for is over: it is to look at the time again. */
  wake(): void {
    if (!this.idle) return;
    this.idle = false;
    clearTimeout(this.timer);
    this.immediate = setImmediate(this.turn);
  }

  stop(): void {
    this.idle = false;
    clearTimeout(this.timer);
    clearImmediate(this.immediate);
  }

  private readonly turn = (): void => {
    this.idle = false;
    const began = performance.now();
    let now = began;
    do {
      const wait = this.act(now);
      if (wait === Infinity) return;
      if (wait > TURN_BELOW || wait <= 0) {
        const sleep = Math.max(wait - TIMER_SLACK, 1);
        this.idle = wait <= 0;
        this.timer = setTimeout(this.turn, Math.min(sleep, LONGEST_TIMER));
        return;
      }
      now = performance.now();
    } while (now - began < WATCH);
    this.immediate = setImmediate(this.turn);
  };
}
