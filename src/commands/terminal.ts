import { clearLine, createInterface, cursorTo } from "node:readline";

import type { Connection } from "../client/connection.ts";
import { SilenceWatch } from "../client/silence.ts";
import { SounderError } from "../socket/errors.ts";
import type { ClientFlags } from "./client.ts";
import { say } from "./say.ts";

/** How long an answer without a newline may go on before it is printed. */
const LINE_WAIT = 50;

/**
 * A conversation at a terminal: each line is sent, and what comes back is
 * printed above the prompt, whenever it comes. An empty line or Ctrl-D ends it.
 */
export async function converse(
  connection: Connection,
  { timeout }: ClientFlags,
): Promise<number> {
  const screen = process.stderr.isTTY ? process.stderr : process.stdout;
  const prompt = createInterface({
    input: process.stdin,
    output: screen,
    prompt: "> ",
  });
  using silence = new SilenceWatch(connection, timeout);
  const interrupted = Promise.withResolvers<number>();
  const failed = Promise.withResolvers<never>();
  let ended = false;

  function show(text: string): void {
    cursorTo(screen, 0);
    clearLine(screen, 0);
    process.stdout.write(`${text}\n`);
    if (!ended) prompt.prompt(true);
  }

  const lines = new AnswerLines(show);
  async function receive(): Promise<number> {
    for await (const chunk of connection) {
      silence.heard();
      lines.add(chunk);
    }
    lines.flush();
    if (ended) return 0;
    throw new SounderError("the server finished (EEARLY)", "EEARLY");
  }

  prompt.on("line", (line) => {
    if (ended) return;
    if (line === "") {
      prompt.close();
      return;
    }
    silence.sending();
    connection.write(Buffer.from(`${line}\n`)).catch(failed.reject);
  });
  prompt.on("close", () => {
    ended = true;
    silence.finishing();
    connection.finish();
  });
  prompt.on("SIGINT", () => interrupted.resolve(130));
  // Once the prompt is closed, the terminal makes a signal of Ctrl-C again.
  process.once("SIGINT", () => interrupted.resolve(130));

  say("Connected. A line is sent as it is; an empty one, or Ctrl-D, ends.");
  prompt.prompt();
  try {
    return await Promise.race([
      receive(),
      interrupted.promise,
      failed.promise,
      silence.failed,
    ]);
  } catch (error) {
    lines.flush();
    throw error;
  } finally {
    const unfinished = !ended;
    prompt.close();
    // What is being typed stays readable, on a line of its own.
    if (unfinished) screen.write("\n");
  }
}

/**
 * Makes lines of chunks: TCP may split an answer anywhere. What has no newline
 * is taken for whole when nothing follows for a moment.
 */
class AnswerLines {
  private readonly decoder = new TextDecoder();
  private rest = "";
  private timer: Timer | undefined;

  constructor(private readonly show: (line: string) => void) {}

  add(chunk: Uint8Array): void {
    clearTimeout(this.timer);
    const text = this.rest + this.decoder.decode(chunk, { stream: true });
    const end = text.lastIndexOf("\n");
    if (end >= 0) this.show(printable(text.slice(0, end)));
    this.rest = text.slice(end + 1);
    if (this.rest !== "")
      this.timer = setTimeout(() => this.flush(), LINE_WAIT);
  }

  flush(): void {
    clearTimeout(this.timer);
    if (this.rest !== "") this.show(printable(this.rest));
    this.rest = "";
  }
}

/** What a server sends must not move the cursor or colour the screen. */
function printable(text: string): string {
  return text.replace(
    // eslint-disable-next-line no-control-regex
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g,
    (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}
