import { expect, test } from "bun:test";
import fc from "fast-check";

import { LoadConnection } from "../../src/load/connection.ts";
import { Payload } from "../../src/load/payload.ts";
import { nextStamp, skipStamp } from "../../src/load/stamps.ts";

const STAMP = "[Sun Nov  1 09:05:07 2026] ";
const { block } = new Payload(1);

function newConnection(): LoadConnection {
  const none = new Float64Array(1);
  return new LoadConnection(0, 0, 0, {
    due: none,
    sent: none,
    first: 0,
    room: 1,
  });
}

/** What is left of a stream that comes in these chunks, without its stamps. */
function payloadOf(chunks: Buffer[]): Buffer {
  const connection = newConnection();
  const pieces: Buffer[] = [];
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length;) {
      at = skipStamp(connection, chunk, at);
      const end = nextStamp(chunk, at);
      pieces.push(chunk.subarray(at, end));
      at = end;
    }
  }
  return Buffer.concat(pieces);
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
      expect(payloadOf(chunks).equals(block.subarray(0, sent))).toBe(true);
    }),
    { seed: 1, numRuns: 500 },
  );
});
