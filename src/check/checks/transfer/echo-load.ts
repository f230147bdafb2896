import { codeOf } from "../../../errors/errors.ts";
import {
  type Payload,
  payloadOf,
  PERIOD,
} from "../../../load/message/payload.ts";
import type { Conversation } from "../../conversation.ts";

/** What was moved one way, or both at once. */
export interface Moved {
  /** Bytes that were verified in the time for it, and that time in seconds. */
  bytes: number;
  seconds: number;
  /**
   * - `all`: as many as were asked for.
   * - `time`: those for which there was time.
   * - `altered`: other bytes came, as `wrong` tells.
   * - `FIN`, `RST`: the connection ended before.
   * - `stalled`: nothing came any more.
   */
  end: "all" | "time" | "altered" | "FIN" | "RST" | "stalled";
  wrong?: { offset: number; text: string } | undefined;
}

const SEED = 0x5eed;
const CHUNK = 64 * 1024;
/** Between two bytes whose way there and back is timed: milliseconds, or bytes. */
const SAMPLE_EVERY = 10;
const SAMPLE_BYTES = 256 * 1024;
/** Bytes behind a wrong one that tell what was done, and their milliseconds. */
const BEHIND = 2 ** 20;
const BEHIND_WITHIN = 300;
const NEWLINE = Buffer.from("\n");

export function payload(): Payload {
  return payloadOf(SEED);
}

/** Fills a connection both ways: sends, and verifies what comes back. */
export class EchoLoad {
  /** Milliseconds of bytes there and back. */
  readonly samples: number[] = [];
  private sent = 0;
  private seen = 0;
  private over = false;
  /** Wakes who waits until less is under way. */
  private room = () => {};
  private readonly payload = payload();
  /** Bytes whose way is timed: the place, and when it was sent. */
  private readonly marks: { place: number; at: number }[] = [];

  /**
   * @param bytes to be moved
   * @param time milliseconds for it
   * @param patience milliseconds without a byte
   * @param rest milliseconds for what is under way once the time is over
   * @param most bytes that are under way at a time
   */
  constructor(
    private readonly conversation: Conversation,
    private readonly bytes: number,
    private readonly time: number,
    private readonly patience: number,
    private readonly rest: number,
    private readonly most = Infinity,
  ) {}

  async run(): Promise<Moved> {
    const began = performance.now();
    const writing = this.write(began + this.time);
    writing.catch(() => {});
    const found = await this.read(began + this.time);
    const seconds = (performance.now() - began) / 1000;
    const moved = { bytes: this.seen, seconds, ...found };
    this.over = true;
    // Those that have not come back have taken so long at least.
    const now = performance.now();
    this.samples.push(...this.marks.map(({ at }) => now - at));
    this.marks.length = 0;
    if (found.end === "time" && this.rest > 0) {
      await this.read(now + this.rest);
    }
    return moved;
  }

  private async write(until: number): Promise<void> {
    const { block } = this.payload;
    let marked = { at: -Infinity, place: 0 };
    while (this.sent < this.bytes && !this.over) {
      const now = performance.now();
      if (now > until) break;
      const isDue =
        now - marked.at >= SAMPLE_EVERY ||
        this.sent - marked.place >= SAMPLE_BYTES;
      if (isDue) {
        marked = { place: this.sent, at: now };
        this.marks.push(marked);
      }
      if (this.sent - this.seen >= this.most) {
        await new Promise<void>((resolve) => (this.room = resolve));
        continue;
      }
      const place = this.sent % PERIOD;
      const length = Math.min(CHUNK, this.most, this.bytes - this.sent);
      this.sent += length;
      await this.conversation.write(block.subarray(place, place + length));
    }
    // For a server that answers whole lines.
    await this.conversation.write(NEWLINE);
  }

  /** Verifies until the time is over, or all is back that was sent. */
  private async read(until: number): Promise<Pick<Moved, "end" | "wrong">> {
    while (this.seen < (this.over ? this.sent : this.bytes)) {
      const left = until - performance.now();
      if (left <= 0) return { end: "time" };
      let got: Buffer | undefined;
      try {
        got = await this.conversation.read(Math.min(this.patience, left));
      } catch (error) {
        if (codeOf(error) !== "ETIMEDOUT") return { end: "RST" };
        if (performance.now() >= until) return { end: "time" };
        return { end: "stalled" };
      }
      if (got === undefined) return { end: "FIN" };
      const wrong = await this.verify(got);
      if (wrong !== undefined) return { end: "altered", wrong };
    }
    return { end: "all" };
  }

  private async verify(got: Buffer): Promise<Moved["wrong"]> {
    const length = Math.min(got.length, this.sent - this.seen);
    const place = this.seen % PERIOD;
    const mine = got.subarray(0, length);
    if (!this.payload.matches(mine, place))
      return this.wrong(await this.behind(got), place);
    this.seen += length;
    this.room();
    const now = performance.now();
    while (this.marks.length > 0 && this.marks[0]!.place < this.seen) {
      this.samples.push(now - this.marks.shift()!.at);
    }
    // The line's end, behind all of it.
    const rest = got.subarray(length);
    if (rest.length === 0 || rest.equals(NEWLINE)) return undefined;
    return { offset: this.seen, text: "more came back than was sent" };
  }

  /** What was changed, and what comes behind it, which tells what was done. */
  private async behind(first: Buffer): Promise<Buffer> {
    const pieces = [first];
    let length = first.length;
    const deadline = performance.now() + BEHIND_WITHIN;
    try {
      while (length < BEHIND) {
        const left = deadline - performance.now();
        const got = left > 0 ? await this.conversation.read(left) : undefined;
        if (got === undefined) break;
        pieces.push(got);
        length += got.length;
      }
    } catch {
      // What has come is enough, or it is not.
    }
    return Buffer.concat(pieces);
  }

  private wrong(got: Buffer, place: number): Moved["wrong"] {
    const { block } = this.payload;
    let at = 0;
    while (got[at] === block[place + at]) at += 1;
    this.seen += at;
    // Twice around the block a place has no meaning any more.
    const under = Math.min(this.sent - this.seen, PERIOD / 2);
    const from = (place + at) % PERIOD;
    const { text } = this.payload.explain(got.subarray(at), from, under, []);
    return { offset: this.seen, text };
  }
}
