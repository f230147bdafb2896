import { crc32 } from "node:zlib";

import { unsentBytes } from "../../kernel/unsent.ts";
import { type Arrival, laterLine } from "../../protocol/cooperation/answer.ts";
import { patternAt } from "../../protocol/cooperation/pattern.ts";
import type { Question } from "../../protocol/cooperation/question.ts";
import type { Peer } from "../peer.ts";
import { type Speaker, Talk } from "./talk.ts";

/** Milliseconds between two looks whether an answer has arrived. */
const LOOK_EVERY = 5;
/** How long an answer is awaited to arrive before a reset, in milliseconds. */
const ARRIVES_WITHIN = 10_000;

/** The server's FIN comes first. */
class Finish extends Talk {
  private finished = false;

  constructor(
    peer: Peer,
    speaker: Speaker,
    private readonly time: number,
  ) {
    super(peer, speaker);
  }

  override begin(): void {
    this.after(this.time, () => {
      this.finished = true;
      this.peer.phase = "finished";
      this.wire!.shutdown();
    });
  }
  override data(chunk: Buffer): boolean {
    if (this.finished) this.receivedAfterFinish += chunk.length;
    return this.swallow(chunk);
  }
}

/** The server resets. */
class Reset extends Talk {
  constructor(
    peer: Peer,
    speaker: Speaker,
    private readonly time: number,
  ) {
    super(peer, speaker);
  }

  override begin(): void {
    const until = performance.now() + ARRIVES_WITHIN;
    this.after(this.time, () => this.resetOnceArrived(until));
  }

  /** A reset would take back what has not arrived. */
  private resetOnceArrived(until: number): void {
    const left = this.peer.pending + (unsentBytes(this.wire!.fd) ?? 0);
    if (left === 0 || performance.now() > until) this.peer.reset("asked");
    else this.after(LOOK_EVERY, () => this.resetOnceArrived(until));
  }

  override data(chunk: Buffer): boolean {
    return this.swallow(chunk);
  }
}

/** The server answers a while after the peer's FIN. */
class Late extends Talk {
  private received = 0;
  private sum = 0;

  constructor(
    peer: Peer,
    speaker: Speaker,
    private readonly time: number,
  ) {
    super(peer, speaker);
  }

  override data(chunk: Buffer): boolean {
    this.received += chunk.length;
    this.sum = crc32(chunk, this.sum);
    return this.swallow(chunk);
  }
  override end(): boolean {
    this.after(this.time, () => {
      const { received, sum } = this;
      this.speaker.send(this.peer, laterLine("late", { received, crc32: sum }));
      this.speaker.finish(this.peer);
    });
    return false;
  }
}

/** Nobody keeps it alive. */
class Quiet extends Talk {
  constructor(
    peer: Peer,
    speaker: Speaker,
    private readonly speak: number | undefined,
  ) {
    super(peer, speaker);
  }

  override begin(): void {
    this.wire?.setKeepAlive(false, 0);
    if (this.speak === undefined) return;
    this.after(this.speak, () =>
      this.speaker.send(this.peer, laterLine("quiet", { spoken: true })),
    );
  }
}

/** The server sends, as much as it is given. */
class Send extends Talk {
  private received = 0;
  private sent = 0;
  private begun = false;

  constructor(
    peer: Peer,
    speaker: Speaker,
    private readonly bytes: number,
    private readonly atOnce: boolean,
  ) {
    super(peer, speaker);
  }

  override begin(): void {
    if (this.atOnce) this.start();
  }
  override data(chunk: Buffer): boolean {
    this.received += chunk.length;
    this.swallow(chunk);
    if (!this.begun && this.received >= this.bytes) this.start();
    return this.peer.pending === 0;
  }
  override room(): void {
    if (this.begun) this.fill();
  }
  private start(): void {
    this.begun = true;
    this.fill();
  }
  /** As much as the kernel takes: nothing is made that would have to wait. */
  private fill(): void {
    while (this.sent < this.bytes && this.peer.pending === 0) {
      if (this.wire === undefined || this.peer.outbox.refused) return;
      const piece = patternAt(this.sent, this.bytes - this.sent);
      this.sent += piece.length;
      // What is sent gives up its memory, and the pattern is everybody's.
      const own = Buffer.allocUnsafeSlow(piece.length);
      own.set(piece);
      this.speaker.send(this.peer, own);
    }
  }
}

/** The server notes when each piece came. */
class Arrivals extends Talk {
  private readonly arrivals: Arrival[] = [];
  private first: number | undefined = undefined;
  /** Bytes that the answer will have, and may have. */
  private length = laterLine("arrivals", { arrivals: [], leftOut: 0 }).length;
  private leftOut = 0;
  private received = 0;
  private told = false;

  constructor(
    peer: Peer,
    speaker: Speaker,
    private readonly bytes: number,
  ) {
    super(peer, speaker);
  }

  override data(chunk: Buffer): boolean {
    if (this.told) return this.swallow(chunk);
    this.note(chunk);
    if (this.received < this.bytes) return true;
    this.tell();
    return this.peer.pending === 0;
  }
  private note(chunk: Buffer): void {
    this.received += chunk.length;
    const now = performance.now();
    this.first ??= now;
    this.swallow(chunk);
    const at = Math.round((now - this.first) * 1000);
    const arrival = [at, chunk.length] as const;
    this.length += JSON.stringify(arrival).length + 1;
    // No more is sent than came: the count of those left out has room, too.
    const { bytesIn, bytesOut } = this.peer;
    const room = bytesIn - bytesOut - String(this.arrivals.length).length;
    if (this.length <= room && this.leftOut === 0) this.arrivals.push(arrival);
    else this.leftOut += 1;
  }
  private tell(): void {
    this.told = true;
    const { arrivals, leftOut } = this;
    this.speaker.send(this.peer, laterLine("arrivals", { arrivals, leftOut }));
  }
  override end(): boolean {
    if (!this.told) this.tell();
    return true;
  }
}

/** @returns undefined where what comes behind the answer is echoed */
export function talkOf(
  question: Question,
  peer: Peer,
  speaker: Speaker,
  canTransfer: boolean,
): Talk | undefined {
  switch (question.ask) {
    case "who":
    case "kernel":
    case "ended":
    case "story":
      return undefined;
    case "finish":
      return new Finish(peer, speaker, question.after);
    case "reset":
      return new Reset(peer, speaker, question.after);
    case "late":
      return new Late(peer, speaker, question.after);
    case "quiet":
      return new Quiet(peer, speaker, question.speak);
    case "send":
      return new Send(peer, speaker, question.bytes, canTransfer);
    case "arrivals":
      return new Arrivals(peer, speaker, question.bytes ?? Infinity);
  }
}
