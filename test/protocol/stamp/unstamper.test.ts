import { expect, test } from "bun:test";
import * as fc from "fast-check";

import { Unstamper } from "../../../src/protocol/stamp/unstamper.ts";

const STAMP = Buffer.from("[Sun Nov  1 09:05:07 2026] ");

/** Bytes, an opening bracket among them every now and then, as they must be. */
const payload = fc
  .array(
    fc.oneof(
      fc
        .uint8Array({ minLength: 1, maxLength: 40 })
        .map((bytes) =>
          Array.from(bytes, (byte) => (byte === 0x5b ? 0 : byte)),
        ),
      fc.constantFrom(
        [0x5b, 0],
        [0x5b, 0x5b, 0x20],
        [0x5b, 0x7b],
        [0x5b, 0x40],
      ),
    ),
    { minLength: 1, maxLength: 20 },
  )
  .map((pieces) => Buffer.from(pieces.flat()));

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [...places.map((place) => place % bytes.length), bytes.length];
  const ends = [...new Set(at)].toSorted((a, b) => a - b);
  return ends
    .map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end))
    .filter(({ length }) => length > 0);
}

test("whatever is between stamps comes out, however it was split", () => {
  const places = fc.array(fc.nat(), { maxLength: 12 });
  fc.assert(
    fc.property(payload, places, places, (sent, stamps, splits) => {
      const stamped = Buffer.concat(
        cut(sent, stamps).flatMap((piece) => [STAMP, piece]),
      );
      const unstamper = new Unstamper();
      const got = cut(stamped, splits).map((piece) => unstamper.bare(piece));
      expect(Buffer.concat(got)).toEqual(sent);
      expect(unstamper.damaged).toBe(0);
    }),
    { numRuns: 2000, seed: 12 },
  );
});

test("a stamp that was changed is counted", () => {
  const unstamper = new Unstamper();
  const changed = Buffer.from(STAMP);
  changed[11] = 0x7a;
  const got = unstamper.bare(Buffer.concat([changed, Buffer.from("hello")]));
  expect(String(got)).toBe("hello");
  expect(unstamper.damaged).toBe(1);
});
