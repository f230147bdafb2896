import type { WriteStream } from "node:tty";

import { type Prompt, PROMPT, type Typing } from "./prompt.ts";

const NEWLINE = 0x0a;

/** A prompt without control sequences: the terminal itself edits the lines. */
export function plainPrompt(screen: WriteStream, typing: Typing): Prompt {
  let open = true;
  let rest: Uint8Array = new Uint8Array();

  function typed(chunk: Uint8Array): void {
    let bytes: Uint8Array = Buffer.concat([rest, chunk]);
    for (;;) {
      const end = bytes.indexOf(NEWLINE);
      if (end < 0 || !open) break;
      typing.line(bytes.subarray(0, end));
      bytes = bytes.subarray(end + 1);
      if (open) screen.write(PROMPT);
    }
    rest = bytes;
  }
  function ended(): void {
    if (!open) return;
    close();
    // Ctrl-D leaves the cursor where it was.
    screen.write("\n");
    if (rest.length > 0) typing.line(rest);
    typing.end();
  }
  /** After a stop the shell has written something of its own. */
  function resume(): void {
    screen.write(PROMPT);
  }
  function close(): void {
    open = false;
    process.off("SIGCONT", resume);
    process.stdin.off("data", typed).off("end", ended);
  }

  process.stdin.on("data", typed).on("end", ended);
  process.on("SIGCONT", resume);
  screen.write(PROMPT);
  return {
    above(print) {
      // Over the prompt, of which a short line would leave something.
      if (open) screen.write(`\r${" ".repeat(PROMPT.length)}\r`);
      print();
      if (open) screen.write(PROMPT);
    },
    close,
  };
}
