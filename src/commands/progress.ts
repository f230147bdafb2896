import { clearLine, cursorTo } from "node:readline";

import { formatBytes, formatDuration } from "../units.ts";

const SHOW_AFTER = 1000;
const REDRAW_EVERY = 100;
const BAR = 30;

/** A line on a terminal about work that takes longer than a second. */
export class Progress implements Disposable {
  private readonly start = performance.now();
  private readonly timer: Timer | undefined;
  private shown = false;

  /**
   * @param done bytes so far
   * @param total bytes in all, where that is known
   */
  constructor(
    private readonly done: () => number,
    private readonly total: number | undefined,
  ) {
    // Over what somebody types it would only be in the way.
    if (process.stderr.isTTY && !process.stdin.isTTY) {
      this.timer = setInterval(() => this.draw(), REDRAW_EVERY);
    }
  }

  private draw(): void {
    const ms = performance.now() - this.start;
    if (ms < SHOW_AFTER) return;
    this.shown = true;
    cursorTo(process.stderr, 0);
    process.stderr.write(this.line(ms));
    clearLine(process.stderr, 1);
  }

  private line(ms: number): string {
    const done = this.done();
    const rate = `${formatBytes((done / ms) * 1000)}/s`;
    if (!this.total) return `${formatBytes(done)}  ${rate}`;
    const share = Math.min(done / this.total, 1);
    const bar = "█".repeat(Math.round(share * BAR)).padEnd(BAR, "░");
    const left = share > 0 ? formatDuration((ms / share) * (1 - share)) : "?";
    return `${bar} ${Math.floor(share * 100)} %  ${rate}  ${left} left`;
  }

  [Symbol.dispose](): void {
    clearInterval(this.timer);
    if (!this.shown) return;
    cursorTo(process.stderr, 0);
    clearLine(process.stderr, 0);
  }
}
