import { Reason } from "../../../errors/errors.ts";
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
  /**
   * Segments that came meanwhile, to us or (where it was asked for) to the server,
   * that neither end sent; null where it can't be told.
   */
  keepalives: number | null;
  /**
   * The server's own word on how it ended, of what is silent before we end it;
   * null where it can't be asked.
   */
  server: string | null;
  /** Those of one round were opened together. */
  round: number;
}

/** How one connection is held, and judged. */
export interface Rest {
  direction: Direction;
  /** For so long it lies idle. */
  seconds: number;
  round: number;
  /** How long an answer, or what the server says, is awaited, in milliseconds. */
  patience: number;
  /** Whether the server's kernel is asked, too, what came meanwhile. */
  watched: boolean;
}

/** After so many retransmissions nobody hears us, in at least so many ms. */
const RETRANSMITS = 3;
const RETRANSMITTED_FOR = 1500;
/** How long the kernel's last acknowledgements take to come in, in ms. */
const SETTLE = 250;
const LOOK_EVERY = 20;
/** How often the server is asked whether a connection has ended. */
const LOOKS = 10;
/** The server's kernel is asked so long before we speak, in milliseconds. */
const ASKED_BEFORE = 1500;

const LINE = Buffer.from("sounder is still here\n");

/** A connection that lies idle, and is spoken on once. */
export class Resting implements AsyncDisposable {
  private heard = 0;
  private ended: { how: "finish" | "reset"; at: number } | undefined;
  private since = performance.now();
  private before: TcpInfo | undefined;
  private watching: Promise<TcpInfo | undefined> | undefined;
  private constructor(
    private readonly path: Path,
    private readonly conversation: Conversation,
    private readonly rest: Rest,
    /** To the server; undefined where it does not cooperate. */
    private readonly id: Id | undefined,
  ) {}

  /** @throws as path.open() and path.ask() */
  static async open(path: Path, rest: Rest): Promise<Resting> {
    const conversation = await path.open();
    try {
      const id = path.cooperates
        ? await askQuiet(path, conversation, rest)
        : undefined;
      if (id === undefined) {
        await conversation.exchange(LINE, path.reach.timeout);
      }
      const resting = new Resting(path, conversation, rest, id);
      void resting.listen();
      return resting;
    } catch (error) {
      await conversation[Symbol.asyncDispose]();
      throw error;
    }
  }

  /**
   * Waits, and speaks, or hears the server speak.
   * @returns undefined where `cancel` or `path.stop` came first
   */
  async live(cancel: AbortSignal): Promise<Fate | undefined> {
    const { direction, seconds } = this.rest;
    const due = this.since + seconds * 1000;
    const waits = () => !cancel.aborted && !this.path.stop.aborted;
    const atServer = await this.lie(due, waits);
    if (this.ended !== undefined) return this.announced(false, null);
    if (!waits()) return undefined;
    const keepalives = sum(this.keepalives(), atServer);
    // What a server says of its own accord is no answer.
    const before = direction === "from-client" ? this.heard : 0;
    if (direction === "from-client") {
      await this.conversation.write(LINE).catch(() => {});
    }
    await this.awaitLife(due, before, waits);
    if (this.heard > before) return this.fate("alive", true, keepalives);
    if (this.ended !== undefined) return this.announced(true, keepalives);
    if (!waits()) return undefined;
    return this.fate("silent", true, keepalives);
  }

  /** @returns segments that came to the server meanwhile, where that is asked */
  private async lie(due: number, waits: () => boolean): Promise<number | null> {
    let first: TcpInfo | undefined;
    let last: TcpInfo | undefined;
    while (waits() && this.ended === undefined) {
      const now = performance.now();
      if (now - this.since > SETTLE && this.before === undefined) {
        this.before = this.info();
        this.watch((info) => (first = info));
      }
      if (now >= due) break;
      const isLate = due - now < ASKED_BEFORE;
      if (first !== undefined && last === undefined && isLate) {
        this.watch((info) => (last = info));
      }
      await Bun.sleep(Math.min(due - now, LOOK_EVERY * 5));
    }
    return first === undefined || last === undefined
      ? null
      : withoutData(first, last);
  }

  /** What comes too late is not told: we have spoken then. */
  private watch(tell: (info: TcpInfo) => void): void {
    if (!this.rest.watched || this.watching !== undefined) return;
    const asking = this.serversKernel();
    this.watching = asking;
    void asking.then((info) => {
      this.watching = undefined;
      if (info !== undefined) tell(info);
    });
  }

  private async serversKernel(): Promise<TcpInfo | undefined> {
    if (this.id === undefined) return undefined;
    const { instance, connection } = this.id;
    const question = { ask: "kernel", connection } as const;
    try {
      await using asked = await this.path.ask<"kernel">(question, instance);
      return asked.answer.kernel?.tcp ?? undefined;
    } catch {
      return undefined;
    }
  }

  /** Until something comes, or nothing will. */
  private async awaitLife(
    due: number,
    before: number,
    waits: () => boolean,
  ): Promise<void> {
    const { direction, patience } = this.rest;
    while (waits() && this.heard <= before && this.ended === undefined) {
      const elapsed = performance.now() - due;
      // A server's own kernel sends again as often as ours meanwhile.
      if (elapsed > patience) return;
      const { retransmits = 0 } = this.info() ?? {};
      const isDeaf = retransmits >= RETRANSMITS && elapsed > RETRANSMITTED_FOR;
      if (direction === "from-client" && isDeaf) return;
      await Bun.sleep(LOOK_EVERY);
    }
  }

  /** An end that came of its own accord, or once somebody spoke. */
  private async announced(
    atUse: boolean,
    keepalives: number | null,
  ): Promise<Fate> {
    const { how, at } = this.ended!;
    const fate = await this.fate(how, atUse, keepalives);
    return { ...fate, seconds: (at - this.since) / 1000 };
  }

  private async fate(
    result: Fate["result"],
    atUse: boolean,
    keepalives: number | null,
  ): Promise<Fate> {
    const { direction, seconds, round } = this.rest;
    const server = result === "alive" ? null : await this.serversWord(result);
    return { seconds, direction, result, atUse, keepalives, server, round };
  }

  /** How the server saw it end; null where it can't be asked. */
  private async serversWord(result: Fate["result"]): Promise<string | null> {
    if (this.id === undefined) return null;
    const { instance, connection } = this.id;
    // Of an end that came to us, it knows once ours is there, too. Of one that is
    // silent, our own FIN would be what it tells.
    const isTold = result !== "silent";
    if (isTold) this.conversation.connection.finish();
    const question = { ask: "ended", connection } as const;
    try {
      for (let tries = 0; ; tries += 1) {
        await using asked = await this.path.ask<"ended">(question, instance);
        const how = asked.answer.ended?.how ?? null;
        if (how !== "open" || !isTold || tries === LOOKS) return how;
        await Bun.sleep(LOOK_EVERY);
      }
    } catch {
      return null;
    }
  }

  private info(): TcpInfo | undefined {
    return this.conversation.connection.tcpInfo();
  }

  /** Segments that came since it lies idle. */
  private keepalives(): number | null {
    const now = this.info();
    const { before } = this;
    if (now === undefined || before === undefined) return null;
    // One that the server was asked to speak on may have spoken already.
    const isOwn = this.rest.direction === "from-client" && this.heard > 0;
    return isOwn
      ? Math.max(now.segmentsIn - before.segmentsIn, 1)
      : withoutData(before, now);
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

/** A connection, to the process that serves it. */
interface Id {
  instance: string;
  connection: string;
}

function withoutData(before: TcpInfo, now: TcpInfo): number {
  const data = now.dataSegmentsIn - before.dataSegmentsIn;
  return Math.max(now.segmentsIn - before.segmentsIn - data, 0);
}

/** Of what is known. */
function sum(here: number | null, there: number | null): number | null {
  return here === null && there === null ? null : (here ?? 0) + (there ?? 0);
}

/** @throws Reason `EMISMATCH`: another server than one that cooperates answers */
async function askQuiet(
  path: Path,
  conversation: Conversation,
  { direction, seconds }: Rest,
): Promise<Id> {
  const speak =
    direction === "from-server" ? { speak: Math.round(seconds * 1000) } : {};
  await conversation.write(questionLine({ ask: "quiet", ...speak }));
  const line = await conversation.answer(path.reach.timeout);
  const answer = readAnswer(line, "quiet");
  if (answer === undefined) {
    throw new Reason("EMISMATCH", "the server does not cooperate");
  }
  return { instance: answer.instance, connection: answer.connection };
}
