/**
 * Looks at an encoded histogram before the library decodes it, which believes
 * what it reads: a kilobyte may say that it holds gigabytes of counts, or
 * 2^50 empty bins one after the other.
 */
import { inflateSync } from "node:zlib";

/** The words before the counts; big-endian. */
const HEAD = 40;
const LENGTH_AT = 4;
const DIGITS_AT = 12;
const LOWEST_AT = 16;
const HIGHEST_AT = 24;
/** The most bytes of a count in HdrHistogram V2's variant of LEB128. */
const WORD = 9;

/** What histograms of one kind have in common. */
export interface Layout {
  digits: number;
  lowest: number;
  highest: number;
  bins: number;
}

/**
 * @param base64 HdrHistogram V2, compressed
 * @throws Error if it is none of this layout, or damaged
 */
export function checkEncoded(base64: string, layout: Layout): void {
  const compressed = Buffer.from(base64, "base64").subarray(8);
  const encoded = inflateSync(compressed, {
    maxOutputLength: HEAD + layout.bins * WORD,
  });
  const same =
    encoded.readInt32BE(DIGITS_AT) === layout.digits &&
    encoded.readBigInt64BE(LOWEST_AT) === BigInt(layout.lowest) &&
    encoded.readBigInt64BE(HIGHEST_AT) === BigInt(layout.highest) &&
    encoded.readInt32BE(LENGTH_AT) === encoded.length - HEAD;
  if (!same || binsOf(encoded) > layout.bins) {
    throw new Error("not a histogram of this layout");
  }
}

/** How many bins the counts fill: a word is a count, or so many empty bins. */
function binsOf(encoded: Buffer): number {
  let bins = 0;
  let at = HEAD;
  while (at < encoded.length) {
    let word = 0;
    let scale = 1;
    for (let byte = 0; byte < WORD; byte += 1) {
      const value = encoded.readUInt8(at++);
      // All eight bits of a ninth byte count.
      const last = byte === WORD - 1 || value < 0x80;
      word += (last ? value : value & 0x7f) * scale;
      scale *= 0x80;
      if (last) break;
    }
    // Beyond 2^53 doubles don't tell odd from even; no count is so high.
    if (!Number.isSafeInteger(word)) throw new RangeError("a count too high");
    // ZigZag: odd words are negative.
    bins += word % 2 === 0 ? 1 : (word + 1) / 2;
  }
  return bins;
}
