import { isatty } from "node:tty";

import { formatBytes, formatDuration } from "../../units.ts";
import { Redrawn } from "../shared/redrawn.ts";

const SHOW_AFTER = 1000;
const REDRAW_EVERY = 100;
const BAR = 30;

/** A line on a terminal about work that takes longer than a second. */
export class Progress implements AsyncDisposable {
  private readonly start = performance.now();
  private readonly timer: Timer | undefined;
  // Over what somebody types it would only be in the way.
  private readonly lines = isatty(0) ? undefined : Redrawn.atTerminal();

  /**
   * @param done bytes so far
   * @param total bytes in all, where that is known
   */
  constructor(
    private readonly done: () => number,
    private readonly total: number | undefined,
  ) {
    if (this.lines) {
      this.timer = setInterval(() => this.draw(), REDRAW_EVERY);
    }
  }

  private draw(): void {
    const ms = performance.now() - this.start;
    if (ms < SHOW_AFTER) return;
    this.lines!.draw(({ columns }) => [this.line(ms).slice(0, columns - 1)]);
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

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.timer);
    await this.lines?.[Symbol.asyncDispose]();
  }
}
