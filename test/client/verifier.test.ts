import { describe, expect, test } from "bun:test";

import * as fc from "fast-check";

import { Verifier, WINDOW } from "../../src/client/verifier.ts";

const bytes = (text: string) => Buffer.from(text, "latin1");

/** `bytes` in pieces, cut at offsets that are taken modulo its length. */
function split(whole: Uint8Array, cuts: number[]): Uint8Array[] {
  const offsets = cuts.map((cut) => cut % (whole.length + 1));
  const sorted = [0, ...offsets.toSorted((a, b) => a - b), whole.length];
  return sorted
    .slice(1)
    .map((end, index) => whole.subarray(sorted[index], end));
}

const cuts = fc.array(fc.nat(), { maxLength: 20 });
const payload = fc.uint8Array({ minLength: 1, maxLength: 300 });

/** Sends all and receives `answer`; a message when that was wrong. */
async function verdict(
  sent: Uint8Array[],
  answer: Uint8Array[],
): Promise<string | undefined> {
  const verifier = new Verifier("peer:1");
  for (const chunk of sent) await verifier.sending(chunk);
  try {
    for (const chunk of answer) verifier.received(chunk);
    verifier.finished();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Runs `property` for payloads, how they were sent and how they came back. */
async function forEverySplit(
  property: (
    sent: Uint8Array,
    splitSent: number[],
    splitAnswer: number[],
    at: number,
  ) => Promise<void>,
): Promise<void> {
  const parts = fc.asyncProperty(
    payload,
    cuts,
    cuts,
    fc.nat(),
    (sent, splitSent, splitAnswer, at) =>
      property(sent, splitSent, splitAnswer, at % sent.length),
  );
  await fc.assert(parts, { seed: 2, numRuns: 300 });
}

describe("Verifier", () => {
  test("is content with the same bytes, however they are split", () =>
    forEverySplit(async (sent, splitSent, splitAnswer) => {
      const verifier = new Verifier("peer:1");
      const pieces = split(sent, splitSent);
      const answers = split(sent, splitAnswer);
      // What is sent first comes back first: each answer as soon as it can.
      let known = 0;
      let seen = 0;
      for (const piece of pieces) {
        await verifier.sending(piece);
        known += piece.length;
        while (answers.length > 0 && seen + answers[0]!.length <= known) {
          const answer = answers.shift()!;
          verifier.received(answer);
          seen += answer.length;
          expect(verifier.verified).toBe(seen);
        }
      }
      verifier.finished();
      expect(verifier.verified).toBe(sent.length);
    }));

  test("names the first wrong byte", () =>
    forEverySplit(async (sent, splitSent, splitAnswer, at) => {
      const answer = Buffer.from(sent);
      answer[at]! ^= 0x40;
      const hex = (byte: number) => `0x${byte.toString(16).padStart(2, "0")}`;
      const told = await verdict(
        split(sent, splitSent),
        split(answer, splitAnswer),
      );
      expect(
        told?.replace("; the server stamps: it wants --reply raw", ""),
      ).toBe(
        `wrong answer from peer:1: the first difference is at offset ${at}: ` +
          `sent ${hex(sent[at]!)}, got ${hex(answer[at]!)} (EMISMATCH)`,
      );
    }));

  test("tells where an answer ends too early", () =>
    forEverySplit(async (sent, splitSent, splitAnswer, at) => {
      const told = await verdict(
        split(sent, splitSent),
        split(sent.subarray(0, at), splitAnswer),
      );
      const short = sent.length - at;
      expect(told).toBe(
        `wrong answer from peer:1: it ends at offset ${at}, ` +
          `${short} byte${short === 1 ? "" : "s"} short; our FIN was out by ` +
          "then: the path may not keep half-close (EMISSING)",
      );
    }));

  test("tells where an answer goes on after its end", () =>
    forEverySplit(async (sent, splitSent, splitAnswer, at) => {
      const answer = Buffer.concat([sent, sent.subarray(at), bytes("x")]);
      const hex = answer[sent.length]!.toString(16).padStart(2, "0");
      const told = await verdict(
        split(sent, splitSent),
        split(answer, splitAnswer),
      );
      expect(told).toBe(
        `wrong answer from peer:1: from offset ${sent.length} on there is ` +
          `more than was sent, beginning with 0x${hex} (ESURPLUS)`,
      );
    }));

  test("takes nothing for a full answer to nothing", async () => {
    expect(await verdict([], [])).toBeUndefined();
    expect(await verdict([], [bytes("x")])).toContain("offset 0");
  });

  test("knows a stamp, and only a stamp, at the beginning", async () => {
    const hint = "; the server stamps: it wants --reply raw (EMISMATCH)";
    const stamped = bytes("[Sun Nov  1 09:05:07 2026] hello");
    expect(await verdict([bytes("hello")], [stamped])).toEndWith(hint);
    expect(await verdict([bytes("hello")], [bytes("jello")])).not.toContain(
      "stamp",
    );
    expect(await verdict([bytes("hello")], [bytes("h[llo")])).not.toContain(
      "stamp",
    );
  });

  test("holds the sender back beyond its window", async () => {
    const verifier = new Verifier("peer:1");
    const block = Buffer.alloc(WINDOW / 2);
    await verifier.sending(block);
    await verifier.sending(block);
    const waiting = verifier.sending(bytes("xy"));
    verifier.received(block.subarray(0, 1));
    expect(Bun.peek.status(waiting)).toBe("pending");
    verifier.received(block.subarray(0, 1));
    await waiting;
  });
});
