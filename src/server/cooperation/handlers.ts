import { Deadlines } from "../../socket/deadlines.ts";
import type { Wire } from "../../socket/wire.ts";
import { answerLine } from "../../protocol/cooperation/answer.ts";
import type { Question } from "../../protocol/cooperation/question.ts";
import type { EchoHandlers } from "../echo/handlers.ts";
import type { Reply } from "../echo/reply.ts";
import type { Peer } from "../peer.ts";
import { type Answering, answerTo } from "./answers.ts";
import { endedOf, Memory } from "./memory.ts";
import { Stories } from "./stories.ts";
import { Opening } from "./opening.ts";
import type { Speaker, Talk } from "./talk.ts";
import { talkOf } from "./talks.ts";

/** How long a first line is held, in milliseconds: with its timer's grain, 1 s. */
const HOLD = 750;

export interface CooperationOptions {
  /** `transfer`: it sends what it was not sent before, too. */
  cooperate: true | "transfer";
  info(peer: Peer): object;
  open: ReadonlySet<Peer>;
  idleTimeout: number | undefined;
  maxLifetime: number | undefined;
}

/**
 * The handlers of a server that answers questions: a connection that begins
 * with none is echoed, from its first byte.
 * @param echo makes the handlers of those that are echoed
 */
export function cooperatingHandlers(
  plain: Reply,
  echo: (reply: Reply) => EchoHandlers,
  options: CooperationOptions,
): EchoHandlers {
  return new Cooperation(plain, echo, options).handlers;
}

class Cooperation implements Speaker {
  readonly handlers: EchoHandlers;
  /** Those whose first line is not known to be one or none. */
  private readonly openings = new Map<Peer, Opening | undefined>();
  private readonly talks = new Map<Peer, Talk>();
  private readonly memory = new Memory();
  private readonly stories = new Stories();
  private readonly deadlines: Deadlines<Peer>;
  private readonly answering: Answering;
  private readonly inner: EchoHandlers;

  constructor(
    private readonly plain: Reply,
    echo: (reply: Reply) => EchoHandlers,
    options: CooperationOptions,
  ) {
    const { open, info, idleTimeout, maxLifetime, cooperate } = options;
    const find = (id: number) => open.values().find((peer) => peer.id === id);
    this.answering = {
      info,
      idleTimeout,
      maxLifetime,
      canTransfer: cooperate === "transfer",
      find,
      story: (name, asker) => this.stories.find(name, asker),
      ended: (id) => {
        const peer = find(id);
        return peer === undefined
          ? this.memory.find(id)
          : endedOf(peer, this.talks.get(peer));
      },
    };
    this.inner = echo((wire, chunk) => this.reply(wire, chunk));
    this.handlers = this.handlersOver(this.inner);
    this.deadlines = new Deadlines(HOLD, (peer) => this.release(peer));
  }

  private handlersOver(inner: EchoHandlers): EchoHandlers {
    return {
      ...inner,
      open: (wire, permit) => {
        inner.open(wire, permit);
        // Its owner's hook may have closed it.
        if (wire.data.phase !== "open") return;
        this.openings.set(wire.data, undefined);
        this.stories.opened(wire.data);
      },
      data: (wire, chunk) => {
        const { length } = chunk;
        this.stories.note(wire.data, "read", length);
        this.tellWrite(wire.data, () => inner.data(wire, chunk));
      },
      writable: (wire) => {
        this.tellWrite(wire.data, () => inner.writable(wire));
        if (wire.data.pending === 0) this.talks.get(wire.data)?.room();
      },
      end: (wire, truncated) => this.ended(wire, truncated),
      close: (wire, error) => {
        const peer = wire.data;
        inner.close(wire, error);
        if (peer !== undefined) this.closed(peer);
      },
    };
  }

  /** Has told what of it the kernel took. */
  private tellWrite(peer: Peer, act: () => void): void {
    const before = peer.bytesOut;
    act();
    const sent = peer.bytesOut - before;
    if (sent > 0) this.stories.note(peer, "write", sent);
  }

  private reply(wire: Wire<Peer>, chunk: Buffer): boolean {
    const peer = wire.data;
    if (this.openings.size > 0 && this.openings.has(peer)) {
      return this.opened(peer, chunk);
    }
    const talk = this.talks.size > 0 ? this.talks.get(peer) : undefined;
    return talk === undefined ? this.plain(wire, chunk) : talk.data(chunk);
  }

  /** The first bytes of a connection. */
  private opened(peer: Peer, chunk: Buffer): boolean {
    const opening = this.openings.get(peer) ?? new Opening();
    const opened = opening.read(chunk);
    if (opened === undefined) {
      this.openings.set(peer, opening);
      this.deadlines.add(peer);
      return true;
    }
    this.decided(peer);
    if ("echo" in opened) return this.echo(peer, opened.echo);
    const { question, line, rest } = opened;
    if (!this.answer(peer, question, line.length)) {
      return this.echo(peer, Buffer.concat([line, rest]));
    }
    if (rest.length === 0) return peer.pending === 0;
    const talk = this.talks.get(peer);
    return talk?.data(rest) ?? this.echo(peer, rest);
  }

  /** @returns false where the answer would be longer than the question */
  private answer(peer: Peer, question: Question, length: number): boolean {
    // What asks how much came is told this line, too.
    this.swallow(peer, length);
    const line = answerLine(
      question.ask,
      answerTo(question, peer, this.answering),
    );
    if (line.length > length) {
      this.swallow(peer, -length);
      return false;
    }
    const { canTransfer } = this.answering;
    const talk = talkOf(question, peer, this, canTransfer);
    if (talk !== undefined) this.talks.set(peer, talk);
    this.send(peer, line);
    talk?.begin();
    return true;
  }

  /** Nothing more is awaited of its first line. */
  private decided(peer: Peer): Buffer | undefined {
    const opening = this.openings.get(peer);
    this.openings.delete(peer);
    this.deadlines.remove(peer);
    return opening?.take();
  }

  private release(peer: Peer): void {
    const held = this.decided(peer);
    if (held !== undefined) this.inner.data(peer.wire, held);
  }

  private ended(wire: Wire<Peer>, truncated?: boolean): void {
    const peer = wire.data;
    this.stories.note(peer, "finished", 0);
    this.release(peer);
    const talk = this.talks.get(peer);
    if (talk !== undefined) talk.finishedAt = performance.now();
    if (!(talk?.end() ?? true)) return;
    if (peer.pending === 0) this.stories.note(peer, "finish", 0);
    this.inner.end(wire, truncated);
  }

  private closed(peer: Peer): void {
    const talk = this.talks.get(peer);
    talk?.close();
    // After our own FIN, the peer's may be told by the close alone.
    if (talk !== undefined && peer.cause === "FIN") {
      talk.finishedAt ??= performance.now();
    }
    this.decided(peer);
    this.talks.delete(peer);
    this.memory.keep(peer, talk);
    if (peer.cause === "RST") this.stories.note(peer, "reset", 0);
    this.stories.closed(peer);
  }

  send(peer: Peer, bytes: Buffer): void {
    peer.added += bytes.length;
    this.inner.send(peer.wire, bytes);
  }
  swallow(peer: Peer, bytes: number): void {
    peer.bytesIn += bytes;
    peer.added -= bytes;
  }
  echo(peer: Peer, chunk: Buffer): boolean {
    return this.plain(peer.wire, chunk);
  }
  finish(peer: Peer): void {
    this.inner.end(peer.wire);
  }
}
