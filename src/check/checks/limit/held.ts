import { codeOf, whyOf } from "../../../errors/errors.ts";
import type { Conversation } from "../../conversation.ts";
import type { Path } from "../../path.ts";

/**
 * What became of a connection that was opened beside others:
 * - `served`: it had a line sent back.
 * - `refused`: it was not let in, or reset before an answer.
 * - `finished`: it got a FIN instead of an answer.
 * - `waiting`: it was let in, and is not answered.
 * - `silent`: no answer came to its SYN.
 * - `local`: this machine could not open it.
 */
export type Outcome =
  "served" | "refused" | "finished" | "waiting" | "silent" | "local";

/** Milliseconds that a first answer may take at least. */
const PATIENCE = 2000;
/** Of the slowest answer so far, as often may one take. */
const SLOWER = 20;
/** Milliseconds for a connection: SYNs are sent at 0, 1 and 3 s. */
const CONNECT = 4500;
/** Milliseconds between two looks at those that wait. */
const LOOK = 20;

const LOCAL: readonly (string | undefined)[] = [
  "EMFILE",
  "ENFILE",
  "EADDRNOTAVAIL",
  "ENOBUFS",
  "ENOMEM",
];

const LINE = Buffer.from("sounder\n");

/** Connections that are served at once, and those that wait to be. */
export class Held implements AsyncDisposable {
  private readonly served: Conversation[] = [];
  private readonly waiting: Conversation[] = [];
  /** Milliseconds of the slowest connection and answer so far. */
  private slowest = 0;
  /** What the last that failed said. */
  error: string | undefined;

  constructor(private readonly path: Path) {}

  get count(): number {
    return this.served.length;
  }

  /** Opens one more. @throws the reason of `path.stop` */
  async open(): Promise<Outcome> {
    const began = performance.now();
    let conversation: Conversation;
    try {
      conversation = await this.path.open(CONNECT);
    } catch (error) {
      return this.failed(error);
    }
    try {
      await conversation.exchange(LINE, this.patience);
    } catch (error) {
      if (codeOf(error) === "ETIMEDOUT") {
        this.waiting.push(conversation);
        this.path.stop.throwIfAborted();
        return "waiting";
      }
      await conversation[Symbol.asyncDispose]();
      return this.failed(error);
    }
    this.slowest = Math.max(this.slowest, performance.now() - began);
    this.served.push(conversation);
    return "served";
  }

  /** Whether those that are served still are; it looks at the oldest. */
  async isAlive(): Promise<boolean> {
    const [oldest] = this.served;
    if (oldest === undefined) return false;
    try {
      await oldest.exchange(LINE, this.path.reach.timeout);
      return true;
    } catch {
      this.path.stop.throwIfAborted();
      return false;
    }
  }

  /** Ends the oldest of those that are served, and awaits its end. */
  async release(): Promise<void> {
    await this.served.shift()?.[Symbol.asyncDispose]();
  }

  /**
   * Whether one of those that wait is answered now; it is served then.
   * @param within milliseconds; one look is taken at least
   */
  async isOneAnswered(within = this.patience): Promise<boolean> {
    const deadline = performance.now() + within;
    do {
      for (const [index, conversation] of this.waiting.entries()) {
        const end = await this.look(conversation);
        if (end === "nothing") continue;
        this.waiting.splice(index, 1);
        if (end === "answered") {
          this.served.push(conversation);
          return true;
        }
        await conversation[Symbol.asyncDispose]();
        break;
      }
    } while (this.waiting.length > 0 && performance.now() < deadline);
    return false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Those that wait get their turn then: simple servers die of a reset.
    for (const those of [this.served, this.waiting]) {
      await Promise.all(those.map((one) => one[Symbol.asyncDispose]()));
    }
  }

  private get patience(): number {
    const { timeout } = this.path.reach;
    // The first shows what an answer takes here.
    if (this.slowest === 0) return timeout;
    return Math.min(Math.max(PATIENCE, SLOWER * this.slowest), timeout);
  }

  private async look(
    conversation: Conversation,
  ): Promise<"answered" | "nothing" | "ended"> {
    try {
      await conversation.line(LOOK);
      return "answered";
    } catch (error) {
      this.path.stop.throwIfAborted();
      return codeOf(error) === "ETIMEDOUT" ? "nothing" : "ended";
    }
  }

  private failed(error: unknown): Outcome {
    this.path.stop.throwIfAborted();
    const code = codeOf(error);
    this.error = `${whyOf(error)} (${code ?? "EUNKNOWN"})`;
    if (LOCAL.includes(code)) return "local";
    if (code === "EEARLY") return "finished";
    return code === "ETIMEDOUT" ? "silent" : "refused";
  }
}
