import type { TcpInfo } from "../../../kernel/tcp-info.ts";
import { readAnswer } from "../../../protocol/cooperation/answer.ts";
import { questionLine } from "../../../protocol/cooperation/question.ts";
import type { Conversation } from "../../conversation.ts";
import type { Path } from "../../path.ts";

/** Who speaks first after the idle time. */
export type Direction = "from-client" | "from-server";

/**
 * What became of a connection after so long without a byte:
 * - `alive`: what was said then arrived.
 * - `finish`, `reset`: that came; `atUse`: only once somebody spoke.
 * - `silent`: what was said then is not acknowledged, or not answered.
 */
export interface Fate {
  seconds: number;
  direction: Direction;
  result: "alive" | "finish" | "reset" | "silent";
  atUse: boolean;
  /** Segments without data that came meanwhile; null where it can't be told. */
  keepalives: number | null;
  /** The server's own word on how it ended; null where nobody asked. */
  server: string | null;
}

/** After so many retransmissions nobody hears us, in at least so many ms. */
const RETRANSMITS = 3;
const RETRANSMITTED_FOR = 1500;
/** How long an answer, or what the server says, is awaited, in milliseconds. */
const PATIENCE = 4000;
/** How long the kernel's last acknowledgements take to come in, in ms. */
const SETTLE = 250;
const LOOK_EVERY = 20;
/** How often the server is asked whether a connection has ended. */
const LOOKS = 10;

const LINE = Buffer.from("sounder is still here\n");

/** A connection that lies idle, and is spoken on once. */
export class Resting implements AsyncDisposable {
  private heard = 0;
  private ended: { how: "finish" | "reset"; at: number } | undefined;
  private since = performance.now();
  private before: TcpInfo | undefined;
  private constructor(
    private readonly path: Path,
    private readonly conversation: Conversation,
    private readonly direction: Direction,
    /** To the server; undefined where it does not cooperate. */
    private readonly id: { instance: string; connection: string } | undefined,
  ) {}

  /**
   * @param seconds after how long the server is to speak, where it is
   * @throws as path.open() and path.ask()
   */
  static async open(
    path: Path,
    direction: Direction,
    seconds: number,
  ): Promise<Resting> {
    const conversation = await path.open();
    try {
      const id = path.cooperates
        ? await askQuiet(path, conversation, direction, seconds)
        : undefined;
      if (id === undefined) {
        await conversation.exchange(LINE, path.reach.timeout);
      }
      const resting = new Resting(path, conversation, direction, id);
      void resting.listen();
      return resting;
    } catch (error) {
      await conversation[Symbol.asyncDispose]();
      throw error;
    }
  }

  /**
   * Waits for so long, and speaks, or hears the server speak.
   * @returns undefined where `cancel` or `path.stop` came first
   */
  async live(seconds: number, cancel: AbortSignal): Promise<Fate | undefined> {
    const due = this.since + seconds * 1000;
    const waits = () => !cancel.aborted && !this.path.stop.aborted;
    while (waits() && this.ended === undefined) {
      const now = performance.now();
      if (now - this.since > SETTLE) this.before ??= this.info();
      if (now >= due) break;
      await Bun.sleep(Math.min(due - now, LOOK_EVERY * 5));
    }
    if (!waits() && this.ended === undefined) return undefined;
    if (this.ended !== undefined) return this.announced(false);
    const keepalives = this.keepalives();
    if (this.direction === "from-client") {
      await this.conversation.write(LINE).catch(() => {});
    }
    await this.awaitLife(due, waits);
    if (!waits() && this.heard === 0 && this.ended === undefined) {
      return undefined;
    }
    if (this.heard > 0) return this.fate("alive", seconds, false, keepalives);
    if (this.ended !== undefined) return this.announced(true);
    return this.fate("silent", seconds, true, keepalives);
  }

  /** Until something comes, or nothing will. */
  private async awaitLife(due: number, waits: () => boolean): Promise<void> {
    const patience = Math.min(this.path.reach.timeout, PATIENCE);
    while (waits() && this.heard === 0 && this.ended === undefined) {
      const elapsed = performance.now() - due;
      // A server's own kernel sends again as often as ours meanwhile.
      if (elapsed > patience) return;
      const { retransmits = 0 } = this.info() ?? {};
      const isDeaf = retransmits >= RETRANSMITS && elapsed > RETRANSMITTED_FOR;
      if (this.direction === "from-client" && isDeaf) return;
      await Bun.sleep(LOOK_EVERY);
    }
  }

  /** An end that came of its own accord, or once somebody spoke. */
  private async announced(atUse: boolean): Promise<Fate> {
    const { how, at } = this.ended!;
    const seconds = (at - this.since) / 1000;
    const keepalives = atUse ? this.keepalives() : null;
    return this.fate(how, seconds, atUse, keepalives);
  }

  private async fate(
    result: Fate["result"],
    seconds: number,
    atUse: boolean,
    keepalives: number | null,
  ): Promise<Fate> {
    const { direction } = this;
    const server = result === "alive" ? null : await this.serversWord();
    return { seconds, direction, result, atUse, keepalives, server };
  }

  /** How the server saw it end; null where it can't be asked. */
  private async serversWord(): Promise<string | null> {
    if (this.id === undefined) return null;
    const { instance, connection } = this.id;
    // To the server it has ended once our end is there, too.
    this.conversation.connection.finish();
    const question = { ask: "ended", connection } as const;
    try {
      for (let tries = 0; ; tries += 1) {
        await using asked = await this.path.ask<"ended">(question, instance);
        const how = asked.answer.ended?.how ?? null;
        if (how !== "open" || tries === LOOKS) return how;
        await Bun.sleep(LOOK_EVERY);
      }
    } catch {
      return null;
    }
  }

  private info(): TcpInfo | undefined {
    return this.conversation.connection.tcpInfo();
  }

  /** Segments that came since it lies idle, and had no data. */
  private keepalives(): number | null {
    const now = this.info();
    const { before } = this;
    if (now === undefined || before === undefined) return null;
    const data = now.dataSegmentsIn - before.dataSegmentsIn;
    return Math.max(now.segmentsIn - before.segmentsIn - data, 0);
  }

  private async listen(): Promise<void> {
    const { connection } = this.conversation;
    try {
      for await (const chunk of connection) this.heard += chunk.length;
      this.ended ??= { how: "finish", at: performance.now() };
    } catch {
      this.ended ??= { how: "reset", at: performance.now() };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.conversation[Symbol.asyncDispose]();
  }
}

/** @returns undefined where another server than one that cooperates answers */
async function askQuiet(
  path: Path,
  conversation: Conversation,
  direction: Direction,
  seconds: number,
): Promise<{ instance: string; connection: string }> {
  const speak =
    direction === "from-server" ? { speak: Math.round(seconds * 1000) } : {};
  await conversation.write(questionLine({ ask: "quiet", ...speak }));
  const line = await conversation.answer(path.reach.timeout);
  const answer = readAnswer(line, "quiet");
  if (answer === undefined) throw new Error("the server does not cooperate");
  return { instance: answer.instance, connection: answer.connection };
}
