import { failure, Reason, SounderError } from "../errors/errors.ts";
import { check, checkOptions, COUNT_OR_NONE, SIGNAL } from "../options.ts";
import type { Wire } from "../socket/wire.ts";
import { formatCount, plural } from "../units.ts";

export interface WaitOptions {
  /** Ends the wait: it rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/**
 * Bytes kept for a reader that is behind before the socket is paused: two of
 * the largest chunks Bun hands over, so that a reader in step never pauses it.
 */
const READ_AHEAD = 1024 * 1024;

/** @throws SounderError `EOPTION` */
export function checkWait(call: string, options: WaitOptions): void {
  checkOptions(call, options, { signal: SIGNAL });
}

/** A promise's value, unless the signal is aborted before. */
export async function unlessAborted<Value>(
  waited: Promise<Value>,
  signal: AbortSignal | undefined,
): Promise<Value> {
  if (signal === undefined) return waited;
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  if (signal.aborted) abort();
  else signal.addEventListener("abort", abort);
  try {
    return await Promise.race([promise, waited]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/**
 * What comes from a peer, for one who reads it at a time. What was read in vain
 * is the next to be read again.
 */
export class Incoming {
  private readonly chunks: Buffer[] = [];
  /** Bytes that are not read yet. */
  private size = 0;
  private isPaused = false;
  private isReading = false;
  /** No more comes, for no reason or one. */
  private ended: { error: Error | undefined } | undefined;
  /** Something has come, or the end. */
  private arrived: PromiseWithResolvers<void> | undefined;

  constructor(
    private readonly wire: Pick<Wire, "pause" | "resume">,
    private readonly target: string,
  ) {}

  push(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.size += chunk.length;
    if (this.size >= READ_AHEAD && !this.isPaused && !this.isReading) {
      this.isPaused = true;
      this.wire.pause();
    }
    this.wake();
  }

  /** The peer's FIN, or why nothing more comes. */
  end(error?: Error): void {
    this.ended = { error };
    this.wake();
  }

  async read({ signal }: WaitOptions): Promise<Buffer | undefined> {
    using _turn = this.turn();
    return (await this.await(1, signal)) ? this.take() : undefined;
  }

  async readExactly(count: number, options: WaitOptions): Promise<Buffer> {
    const call = "readExactly()";
    check(call, "its count", count, COUNT_OR_NONE);
    checkWait(call, options);
    using _turn = this.turn();
    if (!(await this.await(count, options.signal))) {
      const bytes = `${formatCount(this.size)} of ${plural(count, "byte")}`;
      const summary = `${this.target} finished after ${bytes} that were to be read`;
      throw new SounderError(summary, "EEARLY");
    }
    const pieces: Buffer[] = [];
    for (let missing = count; missing > 0;) {
      const chunk = this.take()!;
      const piece = chunk.subarray(0, missing);
      pieces.push(piece);
      missing -= piece.length;
      if (piece.length < chunk.length) {
        this.chunks.unshift(chunk.subarray(piece.length));
        this.size += chunk.length - piece.length;
      }
    }
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  }

  async readAll(options: WaitOptions): Promise<Buffer> {
    checkWait("readAll()", options);
    using _turn = this.turn();
    await this.await(Infinity, options.signal);
    const all = Buffer.concat(this.chunks);
    while (this.take() !== undefined);
    return all;
  }

  /** @throws SounderError `EBUSY` */
  private turn(): Disposable {
    if (this.isReading) {
      const why = new Reason("EBUSY", "another read() is pending");
      throw failure(`cannot read from ${this.target}`, why);
    }
    this.isReading = true;
    return { [Symbol.dispose]: () => (this.isReading = false) };
  }

  /**
   * Waits for so many bytes.
   * @returns whether they are here; if not, no more comes
   */
  private async await(
    count: number,
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    signal?.throwIfAborted();
    while (this.size < count) {
      if (this.ended !== undefined) {
        // What came before is for the reader, if it is not all that is missing.
        if (this.ended.error !== undefined) throw this.ended.error;
        return false;
      }
      this.arrived = Promise.withResolvers();
      if (this.isPaused) this.resume();
      await unlessAborted(this.arrived.promise, signal);
    }
    return true;
  }

  private wake(): void {
    this.arrived?.resolve();
    this.arrived = undefined;
  }

  private take(): Buffer | undefined {
    const chunk = this.chunks.shift();
    this.size -= chunk?.length ?? 0;
    if (this.isPaused && this.size < READ_AHEAD / 2) this.resume();
    return chunk;
  }

  private resume(): void {
    this.isPaused = false;
    this.wire.resume();
  }
}
