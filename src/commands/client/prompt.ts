import {
  clearScreenDown,
  createInterface,
  cursorTo,
  type Interface,
  moveCursor,
} from "node:readline";
import { Transform } from "node:stream";
import type { WriteStream } from "node:tty";

import { encodeTyped, TypedDecoder } from "./typed.ts";

/** Where somebody types lines, beneath what is printed. */
export interface Prompt {
  /** Lets `print` write lines, and shows what is being typed beneath them. */
  above(print: () => void): void;
  /** Takes no more, and gives the terminal back as it was. */
  close(): void;
}

export interface Typing {
  /** A line, as it was typed, without its end. */
  line(bytes: Uint8Array): void;
  /** Nothing more will be typed. */
  end(): void;
}

export const PROMPT = "> ";

/** Signals that end us without a word, and leave the terminal as it is. */
const FATAL = ["SIGHUP", "SIGQUIT"] as const;

/** The keys of a terminal, as readline takes them. */
class Keys extends Transform {
  readonly isTTY = true;
  private readonly decoder = new TypedDecoder();

  constructor() {
    super({ readableObjectMode: true });
    process.stdin.pipe(this);
    // The terminal is gone: nothing more is typed.
    process.stdin.on("error", () => this.end());
  }

  override _transform(
    chunk: Uint8Array,
    _encoding: string,
    done: () => void,
  ): void {
    const text = this.decoder.write(chunk);
    if (text !== "") this.push(text);
    done();
  }

  setRawMode(raw: boolean): this {
    process.stdin.setRawMode(raw);
    return this;
  }
}

/**
 * Clears the prompt with what is being typed at it, which may be long.
 * @returns how many rows the cursor was below its first
 */
function clear(screen: WriteStream, prompt: Interface): number {
  const { rows } = prompt.getCursorPos();
  moveCursor(screen, 0, -rows);
  cursorTo(screen, 0);
  clearScreenDown(screen);
  return rows;
}

/** A prompt with history, on a terminal that takes control sequences. */
export function editedPrompt(screen: WriteStream, typing: Typing): Prompt {
  const keys = new Keys();
  const prompt = createInterface({
    input: keys as never,
    output: screen,
    prompt: PROMPT,
  });
  let open = true;

  /** After a stop the shell has set the terminal to what it wants itself. */
  function resume(): void {
    keys.setRawMode(false).setRawMode(true);
    prompt.prompt(true);
  }
  function die(signal: NodeJS.Signals): void {
    close();
    process.kill(process.pid, signal);
  }
  function close(): void {
    if (!open) return;
    open = false;
    process.off("SIGCONT", resume);
    for (const signal of FATAL) process.off(signal, die);
    prompt.close();
  }

  prompt.on("line", (line) => {
    if (!open) return;
    typing.line(encodeTyped(line));
    if (open) prompt.prompt();
  });
  prompt.on("close", () => {
    if (!open) return;
    close();
    clear(screen, prompt);
    typing.end();
  });
  // Readline takes Ctrl-C for a key: it is the signal again.
  prompt.on("SIGINT", () => {
    screen.write("\n");
    process.kill(process.pid, "SIGINT");
  });
  // After its own Ctrl-Z readline waits to be asked.
  prompt.on("SIGCONT", resume);
  process.on("SIGCONT", resume);
  for (const signal of FATAL) process.once(signal, die);
  prompt.prompt();

  return {
    above(print) {
      const rows = open ? clear(screen, prompt) : 0;
      print();
      // The prompt is redrawn as many rows above the cursor as it had before.
      screen.write("\n".repeat(rows));
      if (open) prompt.prompt(true);
    },
    close,
  };
}
