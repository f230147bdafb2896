import { Screen } from "./screen.ts";
import { until } from "./until.ts";

const COLUMNS = 70;

/** Of termios(3), on Linux and macOS. */
const ECHO = 8;

/** A program in a pseudo-terminal, as a person sits before it. */
export class Pty implements AsyncDisposable {
  /** All that was printed, with its control sequences. */
  printed = "";
  readonly screen = new Screen(COLUMNS);
  readonly child: Bun.Subprocess;

  constructor(command: string[]) {
    const decoder = new TextDecoder();
    // A terminal of one's own making would not be the controlling one.
    this.child = Bun.spawn(command, {
      env: { ...process.env, TERM: "xterm-256color" },
      terminal: {
        cols: COLUMNS,
        data: (_terminal, chunk) => {
          const text = decoder.decode(chunk, { stream: true });
          this.printed += text;
          this.screen.write(text);
        },
      },
    });
  }

  type(keys: string): void {
    this.child.terminal!.write(keys);
  }

  /** The terminal echoes and edits lines itself, as before the program. */
  get isCooked(): boolean {
    return (this.child.terminal!.localFlags & ECHO) !== 0;
  }

  /** Waits until the screen's lowest lines are these, or match them. */
  async shows(...lines: (string | RegExp)[]): Promise<void> {
    const shown = () => {
      const lowest = this.screen.lines.slice(-lines.length);
      return lines.every((line, index) =>
        typeof line === "string"
          ? lowest[index] === line
          : line.test(lowest[index] ?? ""),
      );
    };
    try {
      await until(shown, "");
    } catch {
      const told = JSON.stringify(this.screen.lines, undefined, 1);
      throw new Error(`the screen shows ${told}, not ${lines} at its end`);
    }
  }

  /** Waits until `text` was printed. */
  async prints(text: string): Promise<void> {
    await until(
      () => this.printed.includes(text),
      `the terminal prints ${JSON.stringify(text)}`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill("SIGKILL");
    await this.child.exited;
    this.child.terminal!.close();
  }
}
