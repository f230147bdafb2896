import { type Screen, screenOf } from "./screen.ts";
import { writeTo } from "./write.ts";

const STDERR = 2;

/** Lines on standard error that are drawn over again and again. */
export class Redrawn implements AsyncDisposable {
  /** The cursor is below them, at the beginning of a line. */
  private drawn: readonly string[] = [];
  private writing: Promise<void> | undefined;

  /** @returns undefined where they can't be drawn over */
  static atTerminal(): Redrawn | undefined {
    return screenOf(STDERR).controls ? new Redrawn() : undefined;
  }

  private constructor() {}

  /** Draws what `lines` returns, unless what was drawn last is still on its way. */
  draw(lines: (screen: Screen) => string[]): void {
    if (this.writing !== undefined) return;
    const screen = screenOf(STDERR);
    const fitting = lines(screen).slice(0, screen.rows - 1);
    const text = fitting.map((line) => `${line}\n`).join("");
    this.write(this.erasure(screen) + text);
    this.drawn = fitting;
  }

  /** Nothing of it is left. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.writing;
    this.write(this.erasure(screenOf(STDERR)));
    await this.writing;
  }

  private write(text: string): void {
    if (text === "") return;
    this.writing = writeTo(STDERR, text)
      .catch(() => {})
      .finally(() => (this.writing = undefined));
  }

  /** A terminal that has become narrower has broken lines in two. */
  private erasure({ columns }: Screen): string {
    if (this.drawn.length === 0) return "";
    const rows = this.drawn.reduce(
      (sum, line) =>
        sum + Math.max(Math.ceil(Bun.stringWidth(line) / columns), 1),
      0,
    );
    return `\u001b[${rows}A\u001b[J`;
  }
}
