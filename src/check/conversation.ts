import { setTimeout as sleep } from "node:timers/promises";

import type { Connection } from "../client/connection.ts";
import { Reason } from "../errors/errors.ts";
import type { ReplyKind } from "../protocol/reply.ts";
import { Unstamper } from "../protocol/stamp/unstamper.ts";

const NEWLINE = 0x0a;

/** Milliseconds that a server has to finish, too. */
const FAREWELL = 1000;

/** How a connection ended, as this end saw it. */
export type End = "FIN" | "RST" | "open";

/**
 * A connection to an echo server as what it carries: what the server adds (its
 * line of information, stamps) is left out of what is read. Where it stamps, an
 * opening bracket in what is sent must be followed, and by no letter.
 */
export class Conversation implements AsyncDisposable {
  private readonly stamps = new Unstamper();
  private rest: Buffer = Buffer.alloc(0);
  private skipLine: boolean;
  /** What a server with `--reply info` says first, once more has been read. */
  infoLine = "";
  /** Whether what is read now is told as it comes. */
  private asItIs = false;

  /** @param reply what the server answers; undefined where that is not known */
  constructor(
    readonly connection: Connection,
    private readonly reply: ReplyKind | undefined,
    /** Ends every wait: it rejects with the signal's reason. */
    private readonly stop: AbortSignal,
  ) {
    this.skipLine = reply === "info";
  }

  /** Stamps that came damaged. */
  get damagedStamps(): number {
    return this.stamps.damaged;
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.connection.write(bytes);
  }

  /**
   * The next bytes of what was echoed; undefined after the server's FIN.
   * @param within milliseconds for it
   * @throws SounderError `ECONNRESET`; Reason `ETIMEDOUT`
   */
  async read(within: number): Promise<Buffer | undefined> {
    const deadline = performance.now() + within;
    for (;;) {
      if (this.rest.length > 0) {
        const { rest } = this;
        this.rest = Buffer.alloc(0);
        return rest;
      }
      const chunk = await this.chunk(deadline - performance.now());
      if (chunk === undefined) return undefined;
      this.rest = this.bare(chunk);
    }
  }

  /**
   * A line, without its end.
   * @throws as read(); Reason `EEARLY` where the server finishes before its end
   */
  async line(within: number): Promise<string> {
    const deadline = performance.now() + within;
    let line = "";
    for (;;) {
      const bytes = await this.read(deadline - performance.now());
      if (bytes === undefined) throw new Reason("EEARLY");
      const end = bytes.indexOf(NEWLINE);
      if (end < 0) {
        line += bytes.toString("latin1");
        continue;
      }
      this.rest = bytes.subarray(end + 1);
      line += bytes.toString("latin1", 0, end);
      return Buffer.from(line, "latin1").toString();
    }
  }

  /** As read(), of what a server says itself: nothing is left out of it. */
  async readAsItIs(within: number): Promise<Buffer | undefined> {
    this.asItIs = true;
    try {
      return await this.read(within);
    } finally {
      this.asItIs = false;
    }
  }

  /** A line as the server wrote it, of one that answers a question. */
  async answer(within: number): Promise<string> {
    this.asItIs = true;
    try {
      return await this.line(within);
    } finally {
      this.asItIs = false;
    }
  }

  /**
   * Sends bytes and awaits them back.
   * @returns milliseconds that it took
   * @throws as read(); Reason `EMISMATCH` or `EEARLY`
   */
  async exchange(bytes: Buffer, within: number): Promise<number> {
    const began = performance.now();
    const deadline = began + within;
    const writing = this.write(bytes);
    writing.catch(() => {});
    for (let seen = 0; seen < bytes.length;) {
      const got = await this.read(deadline - performance.now());
      if (got === undefined) throw new Reason("EEARLY");
      const taken = Math.min(got.length, bytes.length - seen);
      const same = bytes.subarray(seen, seen + taken);
      if (Buffer.compare(got.subarray(0, taken), same) !== 0) {
        throw new Reason("EMISMATCH");
      }
      seen += taken;
      this.rest = got.subarray(taken);
    }
    return performance.now() - began;
  }

  /** How it ends, if it does so soon; what comes before is dropped. */
  async end(within: number): Promise<End> {
    const deadline = performance.now() + within;
    try {
      while (performance.now() <= deadline) {
        const left = deadline - performance.now();
        if ((await this.read(left)) === undefined) return "FIN";
      }
      return "open";
    } catch (error) {
      const { code } = error as { code?: string };
      if (code === "ETIMEDOUT" && error instanceof Reason) return "open";
      return "RST";
    }
  }

  /**
   * Finishes, and awaits the server's FIN for a while before it closes: a reset
   * ends simple servers, such as the tutorials', for good.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    this.connection.finish();
    if (!this.stop.aborted) await this.end(FAREWELL);
    await this.connection[Symbol.asyncDispose]();
  }

  private async chunk(within: number): Promise<Buffer | undefined> {
    const late = new AbortController();
    const signal = AbortSignal.any([late.signal, this.stop]);
    const reading = this.connection.read({ signal });
    const timing = new AbortController();
    const waited = sleep(Math.max(within, 0), undefined, {
      signal: timing.signal,
    }).then(
      // What came while this process stood still is seen first.
      () => sleep(5).then(() => late.abort(new Reason("ETIMEDOUT"))),
      () => {},
    );
    try {
      return await reading;
    } finally {
      timing.abort();
      await waited;
    }
  }

  /** Without what the server adds. */
  private bare(chunk: Buffer): Buffer {
    let bytes = chunk;
    if (this.skipLine) {
      const end = bytes.indexOf(NEWLINE);
      const part = end < 0 ? bytes : bytes.subarray(0, end);
      this.infoLine += part.toString("latin1");
      if (end < 0) return Buffer.alloc(0);
      this.infoLine = Buffer.from(this.infoLine, "latin1").toString();
      this.skipLine = false;
      bytes = bytes.subarray(end + 1);
    }
    if (this.reply !== "stamp" || this.asItIs) return bytes;
    return this.stamps.bare(bytes);
  }
}
