import { randomBytes } from "node:crypto";

import { type How, howOf } from "../../ending.ts";
import type { Conversation } from "../../conversation.ts";
import type { Path } from "../../path.ts";

/** Bytes to send: more than all buffers of a path hold, both ways. */
const TOTAL = 20 * 1000 * 1000;
const PIECE = 64 * 1024;
/** Milliseconds after which no more is sent, and after which it is given up. */
const SENDING = 5000;
const GIVEN_UP = 20_000;
/** Milliseconds without a step ahead after which the path is full. */
const FULL = 30;
/** Bytes a second that are read once our FIN has gone ahead. */
const RATE = 16_000_000;
/** A read that takes longer waited for the path, in milliseconds. */
const WAITED = 20;
/** The longest pause between two reads, in milliseconds. */
const PAUSE = 200;
/**
 * Where a reader rests, as parts of what was under way when our FIN had gone
 * ahead, and for how many milliseconds: that a path has a limit for connections
 * which are half closed shows while it can't get rid of anything.
 */
const RESTS = [1, 0.8, 0.6, 0.4];
export const REST = 1000;

/** How it is sent and read. */
export interface Manner {
  /** Our FIN: right behind the bytes, or once all of them are back. */
  fin: "early" | "late";
  /** Whether the reader rests, four times for a second. */
  rests: boolean;
}

/**
 * Lines, for servers that answer only whole ones, without an opening bracket.
 * A prime number of them: what is repeated or left out is never the same.
 */
const BLOCK = Buffer.from(
  Array.from(
    { length: 2039 },
    () => `${randomBytes(384).toString("base64").slice(0, 511)}\n`,
  ).join(""),
);

/** What became of what was sent. */
export interface Echoed {
  sent: number;
  echoed: number;
  /** What came is not what was sent, from this offset on. */
  alteredAt: number | undefined;
  /** Whether it ended only once our FIN was out. */
  finished: boolean;
  /** Bytes at least that were still under way when our FIN had gone ahead. */
  underWay: number;
  how: How;
  /** Milliseconds from our FIN to the end. */
  after: number;
  /** It was given up: the path is too slow for it. */
  slow: boolean;
  tls: string | undefined;
}

/**
 * Sends 20 MB, or what passes in 5 s, and reads the echo no faster than has to
 * be: the way back stays full until our FIN has passed.
 * @throws SounderError as connect()
 */
export async function transfer(path: Path, manner: Manner): Promise<Echoed> {
  await using conversation = await path.open();
  return await new Transfer(conversation, path, manner).run();
}

class Transfer {
  private readonly began = performance.now();
  private readonly tls: string | undefined;
  private sent = 0;
  private echoed = 0;
  private alteredAt: number | undefined;
  private isSent = false;
  private isOver = false;
  /** When our FIN was sent, and what was under way once it was acknowledged. */
  private finAt: number | undefined;
  private underWay: number | undefined;
  /** When there was a step ahead, and how far it was. */
  private aheadAt = this.began;
  private ahead = -1;
  private readAt = this.began;
  private pause = 0;
  private readonly rests: number[];
  private readonly isEarly: boolean;

  constructor(
    private readonly conversation: Conversation,
    private readonly path: Path,
    { fin, rests }: Manner,
  ) {
    this.isEarly = fin === "early";
    this.rests = rests ? [...RESTS] : [];
    this.tls = conversation.connection.tls?.version;
  }

  async run(): Promise<Echoed> {
    const sending = this.send();
    const how = await this.receive();
    this.isOver = true;
    const end = performance.now();
    const { sent, echoed, alteredAt, finAt, tls } = this;
    // What waits to be sent would wait for ever.
    if (how === "open") this.conversation.connection.reset();
    await sending;
    return {
      sent,
      echoed,
      alteredAt,
      how,
      tls,
      finished: finAt !== undefined,
      underWay: this.underWay ?? 0,
      after: end - (finAt ?? end),
      slow: how === "open" && end - this.began > GIVEN_UP,
    };
  }

  private async send(): Promise<void> {
    const { conversation } = this;
    try {
      while (this.sent < TOTAL && !this.isOver) {
        if (performance.now() - this.began > SENDING) break;
        const piece = blockAt(this.sent, Math.min(PIECE, TOTAL - this.sent));
        await conversation.write(piece);
        this.sent += piece.length;
      }
    } catch {
      // Reading tells how it ended.
      return;
    }
    this.isSent = true;
    if (this.isEarly && !this.isOver) this.finish();
  }

  private finish(): void {
    this.finAt = performance.now();
    this.conversation.connection.finish();
  }

  private async receive(): Promise<How> {
    const { conversation, path } = this;
    try {
      for (;;) {
        await this.turn();
        const began = performance.now();
        const left = GIVEN_UP - (began - this.began);
        const within = Math.min(path.reach.timeout, left);
        const chunk = await conversation.read(within);
        if (chunk === undefined) return "FIN";
        this.took(chunk, performance.now() - began);
      }
    } catch (error) {
      path.stop.throwIfAborted();
      return howOf(error);
    }
  }

  private took(chunk: Buffer, waited: number): void {
    const expected = blockAt(this.echoed, chunk.length);
    if (this.alteredAt === undefined && !chunk.equals(expected)) {
      const same = chunk.findIndex((byte, at) => byte !== expected[at]);
      this.alteredAt = this.echoed + same;
    }
    this.echoed += chunk.length;
    this.readAt = performance.now();
    const usual = (chunk.length / RATE) * 1000;
    // One that waited has emptied the way back: it is to fill again.
    this.pause =
      waited > WAITED ? Math.min(2 * this.pause + usual, PAUSE) : usual;
    if (!this.isEarly && this.isSent && this.echoed >= this.sent) {
      if (this.finAt === undefined) this.finish();
    }
  }

  /** Waits until the path is full, or, once our FIN is through, for a while. */
  private async turn(): Promise<void> {
    while (!this.isOver && !this.hasPassed() && !this.isFull()) {
      await this.path.wait(5);
    }
    const left = this.readAt + this.pause - performance.now();
    if (left > 0) await this.path.wait(left);
    if (this.isToRest()) await this.path.wait(REST);
  }

  private isToRest(): boolean {
    const [next] = this.rests;
    if (next === undefined || this.underWay === undefined) return false;
    if (this.sent - this.echoed > next * this.underWay) return false;
    this.rests.shift();
    return true;
  }

  /** Whether all that is to go ahead of the slow reader has. */
  private hasPassed(): boolean {
    if (!this.isSent) return false;
    if (this.underWay !== undefined) return true;
    const { connection } = this.conversation;
    // Elsewhere it is not told.
    if (this.isEarly && connection.tcpInfo()?.state === "FIN-WAIT-1") {
      return false;
    }
    // With stamps more came than was sent: it is at least this.
    this.underWay = Math.max(this.sent - connection.bytesReceived, 0);
    return true;
  }

  private isFull(): boolean {
    const { connection } = this.conversation;
    const ahead = this.sent + (connection.tcpInfo()?.bytesAcked ?? 0);
    const now = performance.now();
    if (ahead !== this.ahead) {
      this.ahead = ahead;
      this.aheadAt = now;
    }
    return now - this.aheadAt > FULL;
  }
}

/** What is sent from an offset on. */
function blockAt(offset: number, length: number): Buffer {
  const start = offset % BLOCK.length;
  if (start + length <= BLOCK.length) {
    return BLOCK.subarray(start, start + length);
  }
  const pieces = [BLOCK.subarray(start)];
  for (let left = length - pieces[0]!.length; left > 0;) {
    const piece = BLOCK.subarray(0, left);
    pieces.push(piece);
    left -= piece.length;
  }
  return Buffer.concat(pieces);
}
