import { random } from "../../../load/random.ts";
import { STAMP_OPENING } from "../../../protocol/stamp/form.ts";

/** The largest message is a byte longer than this power of two. */
const LARGEST = 20;
const SEED = 0x5eed;
const NEWLINE = 0x0a;

/** Every byte value, and all that programs do with ends of lines. */
function everyValue(): Buffer {
  const values = Buffer.from(Array.from({ length: 256 }, (_, value) => value));
  return Buffer.concat([values, Buffer.from("\r\n\n\r\r\n|\n\n.\r\n.\n")]);
}

/** Bytes on both sides of each power of two: 1, 2, 3, 4, 5, 7, 8, 9, 15, … */
export const SIZES: readonly number[] = [
  ...new Set(
    Array.from({ length: LARGEST + 1 }, (_, exponent) => 2 ** exponent)
      .flatMap((power) => [power - 1, power, power + 1])
      .filter((size) => size > 0),
  ),
];

/** Messages to be echoed, each a view of one stream. */
export interface EchoPayload {
  /** All of them, one after the other. */
  stream: Buffer;
  /** Where each ends in it. */
  ends: readonly number[];
}

/**
 * The messages: every byte value first, then random bytes of all values in each
 * size. Each ends a line, for servers that answer lines; an opening bracket is
 * never before a letter, so that it is told from a stamp.
 */
export function echoPayload(): EchoPayload {
  const next = random(SEED);
  const pieces = [everyValue(), ...SIZES.map((size) => Buffer.alloc(size))];
  for (const piece of pieces.slice(1)) {
    for (let at = 0; at < piece.length - 1; at += 1) {
      piece[at] = Math.floor(next() * 256);
    }
    piece[piece.length - 1] = NEWLINE;
  }
  const stream = Buffer.concat(pieces);
  keepApart(stream);
  let end = 0;
  return { stream, ends: pieces.map(({ length }) => (end += length)) };
}

/** Puts no letter behind what may begin a stamp. */
function keepApart(stream: Buffer): void {
  let at = -1;
  while ((at = stream.indexOf(STAMP_OPENING, at + 1)) >= 0) {
    const after = stream[at + 1]!;
    // Without the bit that makes them letters: 0x41 becomes 0x01.
    if (/[A-Za-z]/.test(String.fromCharCode(after))) {
      stream[at + 1] = after & 0x1f;
    }
  }
}
