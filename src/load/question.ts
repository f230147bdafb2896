import type { Wire } from "../socket/wire.ts";
import { STAMP_LENGTH } from "../protocol/stamp/form.ts";
import { payloadOf, PERIOD } from "./message/payload.ts";
import type { ReplyKind } from "../protocol/reply.ts";

const NEWLINE = 0x0a;

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
 * A message of the run to come: as long, and of the same bytes. It ends with a
 * line's end, so that a server that answers lines answers it, as does one that
 * answers whole messages.
 */
export class Question {
  private readonly block: Buffer;
  /** Where it begins in the block. */
  private readonly start: number;
  private sent = 0;
  private answer = "";

  constructor(
    private readonly size: number,
    seed: number,
  ) {
    this.block = payloadOf(seed).block;
    const end = this.block.indexOf(NEWLINE);
    const start = (end + 1 - size) % PERIOD;
    this.start = start < 0 ? start + PERIOD : start;
  }

  /** Offers what has not been sent; to be called again once it is writable. */
  write(wire: Wire): void {
    while (this.sent < this.size) {
      const place = (this.start + this.sent) % PERIOD;
      const length = Math.min(this.size - this.sent, PERIOD);
      const taken = wire.write(this.block, place, length);
      if (taken > 0) this.sent += taken;
      if (taken !== length) return;
    }
  }

  /** What the answer is so far; undefined while it may still become either. */
  hear(chunk: Buffer): ReplyKind | "other" | undefined {
    this.answer += chunk.toString("latin1", 0, KEPT);
    this.answer = this.answer.slice(0, KEPT);
    const { answer, start } = this;
    const sure = Math.min(this.size, SURE);
    const expected = this.block.toString("latin1", start, start + sure);
    const bare = answer.replace(STAMP, "").slice(0, sure);
    if (!expected.startsWith(bare)) return "other";
    if (bare.length < sure) {
      return answer.length < KEPT ? undefined : "other";
    }
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
