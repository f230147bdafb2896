import { STAMP_LENGTH, STAMP_OPENING } from "./form.ts";

/** What ctime(3) prints. */
const STAMP =
  /^\[(?:Sun|Mon|Tue|Wed|Thu|Fri|Sat) (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ 1-3]\d [0-2]\d:[0-5]\d:[0-6]\d \d{4}\] $/;

/** ASCII letters: a stamp's second byte is one. */
function isLetter(byte: number): boolean {
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}

/**
 * Takes the stamps out of a stream of stamped chunks, whose payload may have
 * their first byte, but neither before a letter nor at its end: what comes
 * behind it tells which of both it is.
 */
export class Unstamper {
  /** Bytes of a stamp that are still to come. */
  private left = 0;
  /** The last byte was one that may begin a stamp. */
  private held = false;
  private readonly stamp = Buffer.alloc(STAMP_LENGTH);
  /** Stamps that are none: a byte of theirs was changed. */
  damaged = 0;

  /** What of a chunk is payload. */
  bare(chunk: Buffer): Buffer {
    if (this.left === 0 && !this.held && !chunk.includes(STAMP_OPENING)) {
      return chunk;
    }
    const pieces: Buffer[] = [];
    for (let at = this.opening(chunk, pieces); at < chunk.length;) {
      at =
        this.left > 0
          ? this.inStamp(chunk, at)
          : this.payload(chunk, at, pieces);
    }
    return Buffer.concat(pieces);
  }

  /** What the byte that was held is. @returns where the rest begins */
  private opening(chunk: Buffer, pieces: Buffer[]): number {
    if (!this.held || chunk.length === 0) return 0;
    this.held = false;
    if (isLetter(chunk[0]!)) {
      this.stamp[0] = STAMP_OPENING;
      this.left = STAMP_LENGTH - 1;
    } else pieces.push(Buffer.of(STAMP_OPENING));
    return 0;
  }

  private inStamp(chunk: Buffer, at: number): number {
    const end = Math.min(at + this.left, chunk.length);
    chunk.copy(this.stamp, STAMP_LENGTH - this.left, at, end);
    this.left -= end - at;
    if (this.left === 0 && !STAMP.test(this.stamp.toString("latin1"))) {
      this.damaged += 1;
    }
    return end;
  }

  private payload(chunk: Buffer, at: number, pieces: Buffer[]): number {
    for (let from = at; ;) {
      const found = chunk.indexOf(STAMP_OPENING, from);
      if (found < 0 || found + 1 === chunk.length) {
        this.held = found >= 0;
        pieces.push(chunk.subarray(at, found < 0 ? chunk.length : found));
        return chunk.length;
      }
      if (isLetter(chunk[found + 1]!)) {
        this.left = STAMP_LENGTH;
        pieces.push(chunk.subarray(at, found));
        return found;
      }
      from = found + 1;
    }
  }
}
