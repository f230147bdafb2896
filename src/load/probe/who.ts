import { type Answers, readAnswer } from "../../protocol/cooperation/answer.ts";
import { OPENING, questionLine } from "../../protocol/cooperation/question.ts";
import { STAMP_OPENING } from "../../protocol/stamp/form.ts";

/** Asks a server who it is: the first line of a connection. */
export const WHO: Buffer = questionLine({ ask: "who" });

const NEWLINE = 0x0a;
const FIRST = OPENING.charCodeAt(0);

/**
 * What comes back for WHO: an answer; the line itself, from a server that does
 * not cooperate, with stamps or without; or something else.
 */
export class WhoReply {
  private heard: Buffer = Buffer.alloc(0);

  /**
   * @returns undefined until it is known; `other` has all that came, where that
   * is neither
   */
  hear(
    chunk: Buffer,
  ): undefined | { who: Answers["who"] | undefined } | { other: Buffer } {
    this.heard = Buffer.concat([this.heard, chunk]);
    const { heard } = this;
    if (heard[0] !== FIRST && heard[0] !== STAMP_OPENING) {
      return { other: heard };
    }
    const end = heard.indexOf(NEWLINE);
    if (end < 0) return undefined;
    return { who: readAnswer(heard.toString("utf8", 0, end), "who") };
  }
}
