import { release, releaseBuffer } from "./release.ts";
import type { Wire } from "./wire.ts";

/**
 * What the kernel has not taken yet, in order. Nothing is copied: the outbox
 * keeps views, so what it is given must not change until it is sent.
 */
export class Outbox {
  /** Bytes to be sent. */
  pending = 0;
  /** Bytes of memory held for them: a view keeps the whole of its buffer. */
  held = 0;
  /** A write met a dead connection: what is held will never be taken. */
  refused = false;
  private queue: Uint8Array[] | undefined = undefined;

  /** @param owns whether what it is given is its own, and of no use once sent */
  constructor(private readonly owns = false) {}

  /**
   * Writes `bytes`, or as many as fit, and holds the rest.
   * @returns whether all was taken; if not, flush() once it is writable
   */
  send(wire: Pick<Wire, "write">, bytes: Uint8Array): boolean {
    if (this.pending === 0) {
      const taken = wire.write(bytes);
      if (taken === bytes.length) {
        if (this.owns) release(bytes);
        return true;
      }
      // A dead socket (-1) takes nothing: what is held then counts as lost.
      if (taken < 0) this.refused = true;
      this.hold(taken > 0 ? bytes.subarray(taken) : bytes);
      return false;
    }
    this.hold(bytes);
    return false;
  }

  hold(rest: Uint8Array): void {
    this.pending += rest.length;
    this.held += rest.buffer.byteLength;
    (this.queue ??= []).push(rest);
  }

  /** Gives up what it holds. `pending` stays, as what is lost. */
  discard(): void {
    if (this.owns)
      for (const { buffer } of this.queue ?? []) releaseBuffer(buffer);
    this.queue = undefined;
    this.held = 0;
    this.refused = true;
  }

  /** @returns whether nothing is held any more */
  flush(wire: Pick<Wire, "write">): boolean {
    if (this.refused) return false;
    while (this.pending > 0) {
      const first = this.queue![0]!;
      const taken = wire.write(first);
      if (taken > 0) this.pending -= taken;
      else if (taken < 0) this.refused = true;
      if (taken !== first.length) {
        if (taken > 0) this.queue![0] = first.subarray(taken);
        return false;
      }
      this.queue!.shift();
      this.held -= first.buffer.byteLength;
      if (this.owns) releaseBuffer(first.buffer);
    }
    return true;
  }
}
