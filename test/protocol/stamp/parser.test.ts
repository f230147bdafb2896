import { expect, test } from "bun:test";
import fc from "fast-check";

import {
  damageOf,
  nextStamp,
  skipStamp,
  type StampPlace,
} from "../../../src/protocol/stamp/parser.ts";
import { ctime } from "../../../src/protocol/stamp/stamper.ts";

const STAMP = "[Sun Nov  1 09:05:07 2026] ";
/** What is echoed: it holds no stamp's first byte. */
const block = Buffer.from("echo! ".repeat(100));

/** What a stream that comes in these chunks is without its stamps. */
function read(chunks: Buffer[]): { payload: Buffer; damage: number } {
  const place: StampPlace = { stampLeft: 0 };
  const pieces: Buffer[] = [];
  let damage = 0;
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length;) {
      const stamp = at;
      at = skipStamp(place, chunk, stamp);
      damage += damageOf(chunk, stamp, at, place.stampLeft);
      const end = nextStamp(chunk, at);
      pieces.push(chunk.subarray(at, end));
      at = end;
    }
  }
  return { payload: Buffer.concat(pieces), damage };
}

function split(stream: Buffer, cuts: number[]): Buffer[] {
  const places = [0, ...cuts, stream.length]
    .map((cut) => Math.min(cut, stream.length))
    .toSorted((a, b) => a - b);
  return places.slice(1).map((end, n) => stream.subarray(places[n], end));
}

test("skipStamp() and nextStamp() leave the payload, whatever was split or merged", () => {
  const echoed = fc.array(fc.nat(60), { maxLength: 8 });
  fc.assert(
    fc.property(echoed, fc.array(fc.nat(600)), (lengths, cuts) => {
      let sent = 0;
      const answers = lengths.map((length) => {
        const chunk = block.subarray(sent, sent + length);
        sent += length;
        return Buffer.concat([Buffer.from(STAMP), chunk]);
      });
      const chunks = split(Buffer.concat(answers), cuts);
      const { payload, damage } = read(chunks);
      expect(payload.equals(block.subarray(0, sent))).toBe(true);
      expect(damage).toBe(0);
    }),
    { seed: 1, numRuns: 500 },
  );
});

test("damageOf() takes every time of C's ctime for a stamp", () => {
  const dates = { noInvalidDate: true, min: new Date(0), max: new Date(2e14) };
  fc.assert(
    fc.property(fc.date(dates), (date) => {
      const stamp = Buffer.from(`[${ctime(date)}] `);
      expect(damageOf(stamp, 0, stamp.length, 0)).toBe(0);
    }),
    { seed: 1 },
  );
});

test("damageOf() counts what can't stand in a stamp, however it was split", () => {
  const wrongAt = fc.integer({ min: 1, max: STAMP.length - 1 });
  fc.assert(
    fc.property(wrongAt, fc.nat(STAMP.length), (wrong, cut) => {
      const stamp = Buffer.from(STAMP);
      stamp[wrong] = 0;
      expect(read(split(stamp, [cut])).damage).toBe(1);
    }),
    { seed: 1 },
  );
});
