import { describe, expect, test } from "bun:test";

import {
  inPayload,
  type StreamPlace,
} from "../../../src/load/message/diagnosis.ts";
import { Payload, PERIOD } from "../../../src/load/message/payload.ts";
import { formatCount } from "../../../src/units.ts";

const payload = new Payload(1);
const { block } = payload;
const SIZE = 64;
const NEAR = 2 * SIZE;
const RECEIVED = 1000;

function streamAt(index: number, readPlace: number): StreamPlace {
  return { index, readPlace, outstanding: NEAR, received: RECEIVED };
}

/** The bytes from a place on, wherever in the period that is. */
function from(place: number, length: number): Buffer {
  const start = ((place % PERIOD) + PERIOD) % PERIOD;
  return Buffer.from(block.subarray(start, start + length));
}

function find(
  readPlace: number,
  chunk: Uint8Array,
  others: StreamPlace[] = [],
) {
  const stream = streamAt(0, readPlace);
  const all = [stream, ...others];
  return inPayload(stream, Buffer.from(chunk), payload, NEAR, all);
}

describe("inPayload() around the period's end", () => {
  // The first ten bytes are right, wherever they are; then it goes on elsewhere.
  for (const place of [0, PERIOD - 20, PERIOD - 10, PERIOD - 5, PERIOD - 1]) {
    const goesOn = (by: number, others?: StreamPlace[]) => {
      const right = from(place, 10);
      const wrong = from(place + 10 + by, SIZE - 10);
      return find(place, Buffer.concat([right, wrong]), others).fault;
    };

    test(`finds a changed byte behind place ${place}`, () => {
      const chunk = from(place, SIZE);
      chunk[10]! ^= 1;
      expect(find(place, chunk)).toEqual({
        fault: {
          offset: RECEIVED + 10,
          kind: "changed",
          text: "a byte was changed (bits 00000001)",
        },
        mismatched: 1,
      });
    });

    test(`finds lost bytes behind place ${place}`, () => {
      for (const lost of [1, 7, NEAR - 1]) {
        expect(goesOn(lost)).toMatchObject({
          offset: RECEIVED + 10,
          kind: "lost",
          text: expect.stringMatching(new RegExp(`^${lost} bytes? did not`)),
        });
      }
    });

    test(`finds repeated bytes behind place ${place}`, () => {
      for (const back of [1, 5, 10, NEAR]) {
        expect(goesOn(-back)).toMatchObject({
          kind: "repeated",
          text: expect.stringMatching(new RegExp(` by ${back} bytes?$`)),
        });
      }
    });

    test(`finds bytes of another connection behind place ${place}`, () => {
      // Its place is to be 10 bytes before, at or behind the period's end, too.
      const far = 5000;
      for (const at of [0, 1, NEAR - 1]) {
        const other = streamAt(7, (place + 10 + far - at) % PERIOD);
        expect(goesOn(far, [other])).toMatchObject({
          kind: "swapped",
          text: "bytes of connection 7 came here",
        });
      }
      const beyond = streamAt(7, (place + 10 + far - NEAR) % PERIOD);
      expect(goesOn(far, [beyond]).kind).toBe("repeated");
    });
  }

  test("finds another connection's bytes where those go round the end", () => {
    for (const ahead of [5, 15, NEAR - 1]) {
      const other = streamAt(7, PERIOD - 10);
      const wrong = from(PERIOD - 10 + ahead, SIZE);
      expect(find(500_000, wrong, [other]).fault.kind).toBe("swapped");
    }
  });

  test("takes what is just not near for another's, or far away", () => {
    const place = 500_000;
    const ahead = from(place + NEAR, SIZE);
    expect(find(place, ahead).fault.text).toBe(
      `the stream went back by ${formatCount(PERIOD - NEAR)} bytes`,
    );
    const behind = [streamAt(7, place + NEAR + 1)];
    expect(find(place, ahead, behind).fault.kind).toBe("repeated");
    const other = streamAt(7, place - NEAR - 1);
    const wider = from(place - NEAR - 1, SIZE);
    expect(find(place, wider, [other]).fault.kind).toBe("swapped");
    const near = from(place - NEAR, SIZE);
    expect(find(place, near, [other]).fault.kind).toBe("repeated");
  });

  test("finds what is more than was sent", () => {
    const chunk = Buffer.concat([from(PERIOD - 5, NEAR), Buffer.from("12345")]);
    expect(find(PERIOD - 5, chunk)).toEqual({
      fault: {
        offset: RECEIVED + NEAR,
        kind: "surplus",
        text: "more came back than was sent",
      },
      mismatched: 5,
    });
  });
});
