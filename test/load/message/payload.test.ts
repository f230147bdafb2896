import { describe, expect, test } from "bun:test";
import fc from "fast-check";

import {
  Payload,
  payloadOf,
  PERIOD,
} from "../../../src/load/message/payload.ts";

const payload = new Payload(1);
const { block } = payload;

test("PERIOD is a prime, and more than one event hands over", () => {
  for (let n = 2; n * n <= PERIOD; n += 1) expect(PERIOD % n).not.toBe(0);
  expect(PERIOD).toBeGreaterThan(512 * 1024);
});

describe("Payload", () => {
  test("is a random period twice, without the bracket of a stamp", () => {
    expect(block.length).toBe(2 * PERIOD);
    expect(block.subarray(0, PERIOD).equals(block.subarray(PERIOD))).toBe(true);
    expect(block.includes("[")).toBe(false);
    const counts = new Float64Array(256);
    for (const byte of block) counts[byte]! += 1;
    for (let byte = 0; byte < 256; byte += 1) {
      const share = (counts[byte]! / block.length) * 255;
      if (byte !== 0x5b) expect(share).toBeCloseTo(1, 0.5);
    }
  });

  test("is the same for the same seed, and another for another", () => {
    expect(new Payload(1).block.equals(block)).toBe(true);
    expect(new Payload(2).block.equals(block)).toBe(false);
  });

  test("is made once for each seed, one after the other", () => {
    const one = payloadOf(1);
    expect(payloadOf(1)).toBe(one);
    expect(one.block.equals(block)).toBe(true);
    expect(payloadOf(2).block.equals(block)).toBe(false);
    expect(payloadOf(1).block.equals(block)).toBe(true);
  });

  test("startOf() gives each connection a place of its own, far from the last", () => {
    const starts = Array.from({ length: 10_000 }, (_, c) => payload.startOf(c));
    expect(new Set(starts).size).toBe(starts.length);
    const ahead = (starts[1]! - starts[0]! + PERIOD) % PERIOD;
    expect(Math.min(ahead, PERIOD - ahead)).toBeGreaterThan(PERIOD / 3);
  });
});

describe("explain()", () => {
  const SIZE = 64;
  const NEAR = 4 * SIZE;
  const OTHER = 5000;
  const place = fc.integer({ min: OTHER + 10 * SIZE, max: PERIOD - 1 });

  /** The bytes from `at` on, wherever in the period that is. */
  function from(at: number, length = SIZE): Buffer {
    const start = (at + PERIOD) % PERIOD;
    return block.subarray(start, start + length);
  }

  function explain(
    wrong: Uint8Array,
    expected: number,
    others = [{ connection: 7, from: OTHER, bytes: SIZE }],
  ) {
    return payload.explain(Buffer.from(wrong), expected, NEAR, others);
  }

  function always(check: (expected: number) => void): void {
    fc.assert(fc.property(place, check), { seed: 1 });
  }

  test("names a changed byte, and its bits", () => {
    always((at) => {
      const wrong = Buffer.from(from(at));
      wrong[0]! ^= 0b101;
      expect(explain(wrong, at)).toEqual({
        kind: "changed",
        text: "a byte was changed (bits 00000101)",
      });
    });
  });

  test("names bytes that nobody sent", () => {
    expect(explain(Buffer.alloc(SIZE, "!"), 1)).toEqual({
      kind: "changed",
      text: "bytes nobody sent",
    });
  });

  test("names lost bytes, whatever their number", () => {
    fc.assert(
      fc.property(place, fc.integer({ min: 1, max: NEAR - 1 }), (at, lost) => {
        expect(explain(from(at + lost), at)).toEqual({
          kind: "lost",
          text: `${lost} byte${lost === 1 ? "" : "s"} did not come`,
        });
      }),
      { seed: 2 },
    );
  });

  test("names a repeated message", () => {
    always((at) => {
      expect(explain(from(at - SIZE), at)).toEqual({
        kind: "repeated",
        text: "the stream went back by 64 bytes",
      });
    });
  });

  test("names messages that came in another order", () => {
    always((at) => {
      const wrong = Buffer.concat([from(at + SIZE), from(at)]);
      expect(explain(wrong, at)).toEqual({
        kind: "reordered",
        text: "64 bytes came later than they should",
      });
    });
  });

  test("names the connection whose bytes came", () => {
    always((at) => {
      expect(explain(from(OTHER), at)).toEqual({
        kind: "swapped",
        text: "bytes of connection 7 came here",
      });
    });
  });

  test("takes what is near for lost or repeated, though others send it, too", () => {
    const others = [{ connection: 7, from: 0, bytes: PERIOD }];
    always((at) => {
      expect(explain(from(at + SIZE), at, others).kind).toBe("lost");
      expect(explain(from(at - SIZE), at, others).kind).toBe("repeated");
      expect(explain(from(at + (PERIOD - 1) / 2), at, others).kind).toBe(
        "swapped",
      );
    });
  });

  test("takes too few bytes to be looked up for changed", () => {
    expect(explain(from(OTHER, 3), 9).kind).toBe("changed");
  });
});

test("explain() knows a stamp that nobody expected", () => {
  const stamp = Buffer.from("[Sun Nov  1 09:05:07 2026] ");
  expect(payload.explain(stamp, 100, 64, []).text).toBe(
    "a stamp, it seems: see --reply",
  );
});
