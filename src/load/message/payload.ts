import type { Mismatch } from "../../result/result.ts";
import { plural } from "../../units.ts";
import { random } from "../random.ts";
import { STAMP_OPENING } from "../../protocol/stamp/form.ts";

/**
 * A prime, so that no loss of whole kilobytes brings the stream back into step
 * with itself; more than the most that one event hands over.
 */
export const PERIOD = 1_048_573;

/** Bytes that a wrong answer is recognised by, and the fewest that do. */
const SAMPLE = 8;
const SAMPLE_LEAST = 4;

/**
 * One immutable block of random bytes, none of which opens a stamp. All
 * connections send from it, each from a place of its own: the byte at position p of connection c is at
 * (startOf(c) + p) mod PERIOD. What is sent and what is expected are then both
 * views of it, and a byte from elsewhere shows.
 */
export class Payload {
  /** Twice the period, so that no view of a period's length wraps. */
  readonly block: Buffer;

  constructor(seed: number) {
    const next = random(seed);
    const once = Buffer.allocUnsafeSlow(PERIOD);
    for (let at = 0; at < PERIOD; at += 1) {
      const byte = Math.floor(next() * 255);
      once[at] = byte === STAMP_OPENING ? 255 : byte;
    }
    this.block = Buffer.concat([once, once]);
  }

  /** Neighbours start far from each other: the golden ratio of the period. */
  startOf(connection: number): number {
    return (connection * 648_055) % PERIOD;
  }

  /**
   * Whether `chunk` is what stands in the block from `place` on. A view and
   * equals() would be as fast, but for its garbage (bench/verify).
   */
  matches(chunk: Buffer, place: number): boolean {
    return chunk.compare(this.block, place, place + chunk.length) === 0;
  }

  /**
   * Tells where wrong bytes come from, by looking them up in the block.
   *
   * @param wrong what came, from the first wrong byte on
   * @param expected the place in the block of the byte that should have come
   * @param near how many bytes may be under way on a connection
   * @param others for each other connection, the places that are under way
   */
  explain(
    wrong: Buffer,
    expected: number,
    near: number,
    others: Iterable<{ connection: number; from: number; bytes: number }>,
  ): Pick<Mismatch, "kind" | "text"> {
    const sample = wrong.subarray(0, SAMPLE);
    const rest = wrong.subarray(1, 1 + SAMPLE);
    const after = this.block.subarray(expected + 1, expected + 1 + rest.length);
    if (sample.length < SAMPLE_LEAST || rest.equals(after)) {
      const bits = (wrong[0]! ^ this.block[expected]!).toString(2);
      const text = `a byte was changed (bits ${bits.padStart(8, "0")})`;
      return { kind: "changed", text };
    }
    const found = this.block.indexOf(sample);
    if (found < 0 && wrong[0] === STAMP_OPENING) {
      return { kind: "changed", text: "a stamp, it seems: see --reply" };
    }
    if (found < 0) return { kind: "changed", text: "bytes nobody sent" };
    const ahead = (found - expected + PERIOD) % PERIOD;
    // What is near comes first: under much load, nearly all of the block is
    // under way on some other connection.
    if (ahead < near) {
      const skipped = this.block.subarray(expected, expected + SAMPLE);
      return wrong.includes(skipped)
        ? {
            kind: "reordered",
            text: `${plural(ahead, "byte")} came later than they should`,
          }
        : { kind: "lost", text: `${plural(ahead, "byte")} did not come` };
    }
    const behind = PERIOD - ahead;
    if (behind > near) {
      for (const { connection, from, bytes } of others) {
        if ((found - from + PERIOD) % PERIOD < bytes) {
          const text = `bytes of connection ${connection} came here`;
          return { kind: "swapped", text };
        }
      }
    }
    const text = `the stream went back by ${plural(behind, "byte")}`;
    return { kind: "repeated", text };
  }
}

let last: { seed: number; payload: Payload } | undefined;

/** Of one seed after the other: a block takes some 10 ms to make. */
export function payloadOf(seed: number): Payload {
  if (last?.seed !== seed) last = { seed, payload: new Payload(seed) };
  return last.payload;
}
