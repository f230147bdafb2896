import { messagesOf, type Plan } from "../plan.ts";
import type { Tally } from "./tally.ts";

/** Message n may be due a rounding error before the moment it belongs to. */
const EDGE = 1e-3;

/**
 * What counts of a run, and until when it is sent. A message belongs to the
 * time when it was due; times are by `performance.now()`.
 */
export class Window {
  /** Messages due before this do not count. */
  from = Infinity;
  /** Messages due from here on are not sent. */
  until = Infinity;
  /** How long it is; undefined where a number of messages decides. */
  readonly duration: number | undefined;
  /** How many messages count; undefined where the duration decides. */
  private readonly messages: number | undefined;

  /** @param tally of what has been sent */
  constructor(
    { until, share }: Pick<Plan, "until" | "share">,
    private readonly tally: Pick<Tally, "sent" | "unsent">,
  ) {
    this.duration = "duration" in until ? until.duration : undefined;
    this.messages =
      "messages" in until ? messagesOf(until.messages, share) : undefined;
  }

  /** What is due from here on counts. */
  open(from: number): void {
    this.from = from - EDGE;
    this.until = this.from + (this.duration ?? Infinity);
  }

  /**
   * What is due before this is sent, and does not count; nothing else is sent
   * until it is open. Not even what is due a rounding error before: that would
   * count as sent, and not as answered once it is open from later on.
   */
  warmUp(from: number): void {
    this.open(from);
    this.end(this.from);
  }

  /** What is due from here on is not sent. */
  end(at: number): void {
    this.until = Math.min(this.until, at);
  }

  takes(due: number): boolean {
    return (
      due < this.until &&
      (this.messages === undefined || due < this.from || this.left > 0)
    );
  }

  /** Messages that count and are still to be sent. */
  get left(): number {
    const { sent, unsent } = this.tally;
    return (this.messages ?? Infinity) - sent - unsent;
  }

  counts(due: number): boolean {
    return due >= this.from;
  }

  /**
   * Whether an answer is one of the time that is measured, whenever its message
   * was due; of a number of messages, whether it is one of that number.
   */
  countsAnswer(due: number, now: number): boolean {
    return (this.duration === undefined ? due : now) >= this.from;
  }
}
