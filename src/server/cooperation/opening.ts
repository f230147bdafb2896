import { readQuestion } from "../../protocol/cooperation/read-question.ts";
import type { Question } from "../../protocol/cooperation/question.ts";

/** What the first bytes of a connection turned out to be. */
export type Opened =
  /** They are held until there are more. */
  | undefined
  /** All that was held, and may be echoed. */
  | { echo: Buffer }
  /** The line, and what came behind it. */
  | { question: Question; line: Buffer; rest: Buffer };

/** The first line of a connection, as far as it has come. */
export class Opening {
  private held: Buffer | undefined;

  read(chunk: Buffer): Opened {
    const { held } = this;
    const all = held === undefined ? chunk : Buffer.concat([held, chunk]);
    const reading = readQuestion(all);
    switch (reading.state) {
      case "more":
        this.held = all;
        return undefined;
      case "none":
        return { echo: all };
      case "question": {
        const { question, used } = reading;
        const line = all.subarray(0, used);
        return { question, line, rest: all.subarray(used) };
      }
    }
  }

  /** What was held, where no more is awaited. */
  take(): Buffer | undefined {
    return this.held;
  }
}
