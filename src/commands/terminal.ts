import {
  clearScreenDown,
  createInterface,
  cursorTo,
  moveCursor,
} from "node:readline";
import { isatty } from "node:tty";

import type { Connection } from "../client/connection.ts";
import { SilenceWatch } from "../client/silence.ts";
import { printable } from "../printable.ts";
import { SounderError } from "../socket/errors.ts";
import { AnswerLines } from "./lines.ts";
import { output } from "./output.ts";
import { said, say } from "./say.ts";

export interface ConverseOptions {
  /** Milliseconds without a byte until it fails. */
  timeout?: number;
  /** Is given what tells a line above the prompt, once that is there. */
  prompted(tell: (line: string) => void): void;
}

/**
 * A conversation at a terminal: each line is sent, and what comes back is
 * printed above the prompt, whenever it comes. An empty line or Ctrl-D ends it.
 */
export async function converse(
  connection: Connection,
  { timeout, prompted }: ConverseOptions,
): Promise<number> {
  const screen = isatty(2) ? process.stderr : process.stdout;
  const prompt = createInterface({
    input: process.stdin,
    output: screen,
    prompt: "> ",
  });
  using silence = new SilenceWatch(connection, timeout);
  let ended = false;

  /** Clears the prompt with what is being typed at it, which may be long. */
  function clearPrompt(): number {
    const { rows } = prompt.getCursorPos();
    moveCursor(screen, 0, -rows);
    cursorTo(screen, 0);
    clearScreenDown(screen);
    return rows;
  }

  function above(print: () => void): void {
    const rows = clearPrompt();
    print();
    // The prompt is redrawn as many rows above the cursor as it had before.
    screen.write("\n".repeat(rows));
    if (!ended) prompt.prompt(true);
  }

  const lines = new AnswerLines((text) =>
    above(() => process.stdout.write(`${text}\n`)),
  );
  async function receive(): Promise<number> {
    for (;;) {
      const chunk = await silence.read();
      if (chunk === undefined) break;
      if (isatty(1)) lines.add(chunk);
      else await output(chunk);
    }
    if (ended) return 0;
    throw new SounderError(
      `the server at ${connection.target} finished`,
      "EEARLY",
    );
  }

  prompt.on("line", (line) => {
    if (ended) return;
    if (line === "") {
      prompt.close();
      return;
    }
    silence.sending();
    // What fails here fails in receive() too, behind all that had arrived.
    connection.write(Buffer.from(`${line}\n`)).catch(() => {});
    prompt.prompt();
  });
  prompt.on("close", () => {
    if (ended) return;
    ended = true;
    clearPrompt();
    silence.finishing();
    connection.finish();
  });
  // Readline takes Ctrl-C for a key: it is the signal again.
  prompt.on("SIGINT", () => {
    screen.write("\n");
    process.kill(process.pid, "SIGINT");
  });
  // After Ctrl-Z and `fg`: readline waits to be asked.
  prompt.on("SIGCONT", () => prompt.prompt(true));

  say(`Connected to ${connection.target}. An empty line, or Ctrl-D, ends.`);
  await said.emptied();
  prompt.prompt();
  prompted((line) => above(() => screen.write(`${printable(line)}\n`)));
  try {
    return await Promise.race([receive(), silence.failed]);
  } finally {
    lines.end();
    if (!ended) {
      ended = true;
      // What is being typed stays readable, on a line of its own.
      screen.write("\n");
      prompt.close();
    }
  }
}
