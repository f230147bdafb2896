import type { Connection } from "../../client/connection.ts";
import { checkEnd } from "../../client/exchange.ts";
import { SilenceWatch } from "../../client/silence.ts";
import { printable } from "../../printable.ts";
import { AnswerLines } from "./lines.ts";
import { output } from "../shared/output.ts";
import { plainPrompt } from "./plain-prompt.ts";
import { editedPrompt } from "./prompt.ts";
import { said, say } from "../shared/say.ts";
import { controlsWanted, terminalAt } from "../shared/screen.ts";

export interface ConverseOptions {
  /** Milliseconds without a byte until it fails. */
  timeout?: number | undefined;
  /** Is given what tells a line above the prompt, once that is there. */
  prompted(tell: (line: string) => void): void;
}

const NEWLINE = Buffer.from("\n");

/**
 * A conversation at a terminal: each line is sent, and what comes back is
 * printed above the prompt, whenever it comes. An empty line or Ctrl-D ends it;
 * so does the server, by its FIN, where no answer is to come.
 */
export async function converse(
  connection: Connection,
  { timeout, prompted }: ConverseOptions,
): Promise<number> {
  const page = terminalAt(1);
  // Without a terminal at all, nobody would have been asked to type.
  const screen = (terminalAt(2) ?? page)!;
  // When the terminal is gone, the end of what is typed says so.
  screen.on("error", () => {});
  page?.on("error", () => {});
  using silence = new SilenceWatch(connection, timeout);
  let ended = false;

  function end(): void {
    ended = true;
    silence.finishing();
    connection.finish();
  }
  function send(line: Uint8Array): void {
    if (line.length === 0) {
      prompt.close();
      end();
      return;
    }
    silence.sending();
    // What fails here fails in receive() too, behind all that had arrived.
    connection.write(Buffer.concat([line, NEWLINE])).catch(() => {});
  }

  say(`Connected to ${connection.target}. An empty line, or Ctrl-D, ends.`);
  await said.emptied();
  const makePrompt = controlsWanted() ? editedPrompt : plainPrompt;
  const prompt = makePrompt(screen, { line: send, end });
  prompted((line) => prompt.above(() => screen.write(`${printable(line)}\n`)));

  const lines =
    page &&
    new AnswerLines((text) => prompt.above(() => page.write(`${text}\n`)));
  try {
    await Promise.race([receive(silence, lines), silence.failed]);
    // Who was at the prompt and awaited nothing has lost nothing.
    if (ended || silence.due) checkEnd(connection);
    else connection.close();
  } finally {
    lines?.end();
    // What is being typed stays readable, on a line of its own.
    if (!ended) screen.write("\n");
    prompt.close();
  }
  if (!ended) say(`The server at ${connection.target} ended the connection.`);
  return 0;
}

/** Takes what comes back until the server has finished. */
async function receive(
  silence: SilenceWatch,
  lines: AnswerLines | undefined,
): Promise<void> {
  for (;;) {
    const chunk = await silence.read();
    if (chunk === undefined) return;
    if (lines === undefined) await output(chunk);
    else lines.add(chunk);
  }
}
