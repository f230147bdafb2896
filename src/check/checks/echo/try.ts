import { codeOf } from "../../../errors/errors.ts";
import type { Conversation } from "../../conversation.ts";
import type { Path } from "../../path.ts";
import { type Difference, differenceAt } from "./difference.ts";
import type { EchoPayload } from "./payload.ts";

/** How one connection echoed. */
export interface EchoTry {
  /**
   * - `intact`: all that was sent in the time for it came back.
   * - `altered`: something else came back, as `difference` has it.
   * - `ended`: the connection ended before all had come back.
   * - `stalled`: nothing came back any more.
   * - `failed`: there was no connection.
   */
  outcome: "intact" | "altered" | "ended" | "stalled" | "failed";
  /** Bytes that came back as they were sent. */
  intact: number;
  /** Bytes of the largest message that came back whole. */
  largest: number;
  difference?: Difference | undefined;
  /** `FIN`, or what the error says. */
  how?: string | undefined;
}

/** Bytes of a wrong answer that tell what was done to it, and are sent for it. */
const ENOUGH = 4096;
const MORE = 1024;
/** Milliseconds in which they come. */
const MORE_WITHIN = 500;
/** Milliseconds in which more than was sent would come. */
const SURPLUS_WITHIN = 200;

/** Sent where nothing comes back, and the milliseconds that it has. */
const MARKER_WITHIN = 2000;
const MARKER = Buffer.from("sounder is waiting\n");

/**
 * Sends the messages, each once the one before has come back.
 * @param until when no other message begins, as performance.now() tells it
 * @throws the reason of `path.stop`
 */
export async function tryEcho(
  path: Path,
  payload: EchoPayload,
  until: number,
): Promise<EchoTry> {
  let conversation: Conversation;
  try {
    conversation = await path.open();
  } catch (error) {
    path.stop.throwIfAborted();
    return { outcome: "failed", intact: 0, largest: 0, how: told(error) };
  }
  await using _closing = conversation;
  return await new Exchange(path, conversation, payload).run(until);
}

function told(error: unknown): string {
  const code = codeOf(error) ?? "EUNKNOWN";
  return code === "ECONNRESET" ? "RST" : code;
}

class Exchange {
  private seen = 0;
  private largest = 0;
  /** Milliseconds without a byte after which no more is awaited. */
  private readonly patience: number;

  constructor(
    private readonly path: Path,
    private readonly conversation: Conversation,
    private readonly payload: EchoPayload,
  ) {
    this.patience = path.reach.timeout / 2;
  }

  async run(until: number): Promise<EchoTry> {
    const { stream, ends } = this.payload;
    let sent = 0;
    for (const end of ends) {
      if (performance.now() > until) break;
      const writing = this.conversation.write(stream.subarray(sent, end));
      // A reset shows in what is read.
      writing.catch(() => {});
      const wrong = await this.until(end);
      if (wrong !== undefined) return wrong;
      if (this.conversation.damagedStamps > 0) return this.damagedStamp();
      this.largest = Math.max(this.largest, end - sent);
      sent = end;
    }
    return this.surplus(sent);
  }

  /** Reads until so many bytes have come back. @returns what was wrong */
  private async until(end: number): Promise<EchoTry | undefined> {
    const { stream } = this.payload;
    while (this.seen < end) {
      let got: Buffer | undefined;
      try {
        got = await this.conversation.read(this.patience);
      } catch (error) {
        this.path.stop.throwIfAborted();
        if (codeOf(error) === "ETIMEDOUT") return this.stalled(end);
        return this.result("ended", { how: told(error) });
      }
      if (got === undefined) return this.result("ended", { how: "FIN" });
      const more = stream.subarray(end, end + MORE);
      const wrong = await this.compare(stream.subarray(0, end), got, more);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  }

  /** @param more is sent where a difference is to be explained */
  private async compare(
    sent: Buffer,
    got: Buffer,
    more: Buffer,
  ): Promise<EchoTry | undefined> {
    const expected = sent.subarray(this.seen, this.seen + got.length);
    if (expected.equals(got)) {
      this.seen += got.length;
      return undefined;
    }
    let at = 0;
    while (at < expected.length && expected[at] === got[at]) at += 1;
    this.seen += at;
    this.conversation.write(more).catch(() => {});
    const all = Buffer.concat([sent, more]);
    return this.altered(all, await this.behind(got.subarray(at)));
  }

  private altered(sent: Buffer, got: Buffer): EchoTry {
    const difference = differenceAt(sent, this.seen, got);
    if (this.conversation.damagedStamps > 0) {
      difference.text = `a stamp was damaged, and behind it ${difference.text}`;
    }
    return this.result("altered", { difference });
  }

  /** What comes behind a difference, as far as it helps to explain it. */
  private async behind(first: Buffer): Promise<Buffer> {
    const pieces = [first];
    const deadline = performance.now() + MORE_WITHIN;
    let length = first.length;
    try {
      while (length < ENOUGH) {
        const left = deadline - performance.now();
        const got = await this.conversation.read(left);
        if (got === undefined) break;
        pieces.push(got);
        length += got.length;
      }
    } catch {
      this.path.stop.throwIfAborted();
    }
    return Buffer.concat(pieces);
  }

  /** Nothing comes any more: unless what is sent now does, which tells a loss. */
  private async stalled(end: number): Promise<EchoTry> {
    const sent = this.payload.stream.subarray(0, end);
    try {
      await this.conversation.write(MARKER);
      const got = await this.conversation.read(MARKER_WITHIN);
      const all = Buffer.concat([sent, MARKER]);
      if (got !== undefined) {
        const wrong = await this.compare(all, got, Buffer.alloc(0));
        return wrong ?? this.result("stalled", {});
      }
    } catch {
      this.path.stop.throwIfAborted();
    }
    return this.result("stalled", {});
  }

  /** Whether anything comes behind all that was to come. */
  private async surplus(end: number): Promise<EchoTry> {
    try {
      const got = await this.conversation.read(SURPLUS_WITHIN);
      if (got !== undefined) {
        return this.altered(this.payload.stream.subarray(0, end), got);
      }
    } catch {
      this.path.stop.throwIfAborted();
    }
    return this.result("intact", {});
  }

  private damagedStamp(): EchoTry {
    const text = "or before, a stamp was damaged";
    const found = { kind: "changed", text, sent: "", got: "" } as const;
    return this.result("altered", {
      difference: { offset: this.seen, ...found },
    });
  }

  private result(outcome: EchoTry["outcome"], more: Partial<EchoTry>): EchoTry {
    return { outcome, intact: this.seen, largest: this.largest, ...more };
  }
}
