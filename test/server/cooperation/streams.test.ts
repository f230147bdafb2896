import { expect, test } from "bun:test";
import fc from "fast-check";

import { echoHandlers } from "../../../src/server/echo/handlers.ts";
import { replyOf } from "../../../src/server/echo/reply.ts";
import { cooperatingHandlers } from "../../../src/server/cooperation/handlers.ts";
import { Peer } from "../../../src/server/peer.ts";
import {
  OPENING,
  questionLine,
} from "../../../src/protocol/cooperation/question.ts";
import { readQuestion } from "../../../src/protocol/cooperation/read-question.ts";
import { FakeWire } from "../../support/fake-wire.ts";

/** Streams that begin like a question, and not like one. */
const streams = fc.oneof(
  fc.uint8Array({ maxLength: 3000 }).map(Buffer.from),
  fc
    .tuple(fc.nat(OPENING.length), fc.string({ maxLength: 1500 }))
    .map(([kept, text]) => Buffer.from(OPENING.slice(0, kept) + text)),
  fc
    .tuple(fc.nat(1023), fc.uint8Array({ maxLength: 100 }))
    .map(([kept, rest]) =>
      Buffer.concat([questionLine({ ask: "who" }).subarray(0, kept), rest]),
    ),
);

function serve(stream: Buffer, cuts: readonly number[]): Buffer {
  const open = new Set<Peer>();
  const handlers = cooperatingHandlers(
    replyOf("raw"),
    (reply) =>
      echoHandlers(reply, {
        opened: (wire) => (wire.data = new Peer(1, wire)),
        owed() {},
        closed() {},
        failed: (error) => {
          throw error;
        },
      }),
    {
      cooperate: true,
      info: () => ({}),
      open,
      idleTimeout: undefined,
      maxLifetime: undefined,
    },
  );
  const wire = new FakeWire<Peer>();
  handlers.open(wire);
  const places = [
    0,
    ...cuts.map((cut) => cut % (stream.length + 1)),
    stream.length,
  ];
  const sorted = places.toSorted((a, b) => a - b);
  for (const [index, from] of sorted.slice(0, -1).entries()) {
    const piece = stream.subarray(from, sorted[index + 1]);
    if (piece.length > 0) handlers.data(wire, Buffer.from(piece));
  }
  handlers.end(wire);
  handlers.close(wire);
  return wire.taken;
}

test("a stream that begins with no question comes back unchanged", () => {
  fc.assert(
    fc.property(
      streams,
      fc.array(fc.nat(), { maxLength: 6 }),
      (stream, cuts) => {
        fc.pre(readQuestion(stream).state !== "question");
        expect(serve(stream, cuts).equals(stream)).toBe(true);
      },
    ),
    { numRuns: 1000 },
  );
});

test("no answer has more bytes than came", () => {
  const questions = fc.constantFrom(
    questionLine({ ask: "who" }),
    questionLine({ ask: "arrivals" }),
    questionLine({ ask: "send", bytes: 5000 }),
    questionLine({ ask: "kernel" }),
    questionLine({ ask: "ended", connection: "1" }),
    questionLine({ ask: "quiet" }),
  );
  const cuts = fc.array(fc.nat(), { maxLength: 500 });
  fc.assert(
    fc.property(questions, fc.nat(9000), cuts, (line, more, places) => {
      const stream = Buffer.concat([line, Buffer.alloc(more)]);
      expect(serve(stream, places).length).toBeLessThanOrEqual(stream.length);
    }),
  );
});
