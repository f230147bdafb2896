import type { Wire } from "../../socket/wire.ts";
import { STAMP_LENGTH, STAMP_OPENING } from "../../protocol/stamp/form.ts";
import { payloadOf, PERIOD } from "../message/payload.ts";
import { INFO_OPENING } from "../../protocol/info.ts";
import type { ReplyKind } from "../../protocol/reply.ts";

const NEWLINE = 0x0a;
const LINE_END = Buffer.of(NEWLINE);

/** A stamp, or as much of one as is here. */
const STAMP = new RegExp(`\\[.{0,${STAMP_LENGTH - 1}}`, "gs");

/** So many bytes are nobody's by chance. */
const SURE = 24;
/** As much of an answer as can be needed: each of those in a stamp's company. */
const KEPT = 1024;

/** How an alert of TLS begins: its kind, and a version. */
const TLS_ALERT = "\u0015\u0003";

/** Bytes of a wrong answer that are shown. */
const SHOWN = 40;

/**
 * A message as long as those of the run to come, and of their bytes, but for
 * ends of lines: it has none, until a server that awaits one is given it.
 */
export class Question {
  private readonly bytes: Buffer;
  private sent = 0;
  private ends = false;
  /** A line of the server's own has come whole. */
  private isBehind = false;
  private answer = "";
  /** Bytes that came back, without stamps. */
  heard = 0;

  constructor(
    private readonly size: number,
    seed: number,
  ) {
    const { block } = payloadOf(seed);
    this.bytes = Buffer.from(block.subarray(0, Math.min(size, PERIOD)));
    let at = -1;
    while ((at = this.bytes.indexOf(NEWLINE, at + 1)) >= 0) {
      this.bytes[at] = 0xff;
    }
  }

  /** Offers what has not been sent; to be called again once it is writable. */
  write(wire: Wire): void {
    const { bytes, size } = this;
    while (this.sent < size) {
      const place = this.sent % bytes.length;
      const length = Math.min(size - this.sent, bytes.length - place);
      const taken = wire.write(bytes, place, length);
      if (taken > 0) this.sent += taken;
      if (taken !== length) return;
    }
    if (this.ends && wire.write(LINE_END, 0, 1) === 1) this.ends = false;
  }

  /** Ends the line that it is. */
  endLine(wire: Wire): void {
    this.ends = true;
    this.write(wire);
  }

  /** Asks once more, as at first. */
  repeat(wire: Wire): void {
    this.sent = 0;
    this.write(wire);
  }

  /** What the answer is so far; undefined while it may still become either. */
  hear(chunk: Buffer): ReplyKind | "other" | undefined {
    this.heard += chunk.length;
    let stamp = -1;
    while ((stamp = chunk.indexOf(STAMP_OPENING, stamp + 1)) >= 0) {
      this.heard -= STAMP_LENGTH;
    }
    this.answer += chunk.toString("latin1", 0, KEPT);
    this.answer = this.answer.slice(0, KEPT);
    const info = this.answer.startsWith(INFO_OPENING)
      ? this.answer.indexOf("\n") + 1
      : 0;
    if (info === 0 && this.answer.startsWith(INFO_OPENING)) return undefined;
    const answer = this.answer.slice(info);
    if (info > 0 && !this.isBehind) {
      this.isBehind = true;
      this.heard -= info;
    }
    const sure = Math.min(this.size, SURE);
    const expected = this.bytes.toString("latin1", 0, sure);
    const bare = answer.replace(STAMP, "").slice(0, sure);
    if (!expected.startsWith(bare)) return "other";
    if (bare.length < sure) {
      return answer.length < KEPT ? undefined : "other";
    }
    if (info > 0) return "info";
    return answer.startsWith("[") ? "stamp" : "raw";
  }

  /** What a wrong answer is, to a person. */
  get told(): string {
    const { answer } = this;
    if (answer.startsWith(TLS_ALERT)) return "it speaks TLS, and wants tls://";
    const more = answer.length > SHOWN ? "…" : "";
    // JSON leaves control characters from 0x7f on as they are.
    const shown = JSON.stringify(answer.slice(0, SHOWN)).replace(
      /[\x7f-\xff]/g,
      (byte) => `\\u00${byte.charCodeAt(0).toString(16)}`,
    );
    return `it answered ${shown}${more}`;
  }
}
