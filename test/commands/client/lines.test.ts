import { expect, test } from "bun:test";

import * as fc from "fast-check";

import { AnswerLines } from "../../../src/commands/client/lines.ts";

/** What is shown of chunks, each followed by a newline. */
function shown(chunks: Uint8Array[]): string {
  let text = "";
  const lines = new AnswerLines((line) => (text += `${line}\n`));
  for (const chunk of chunks) lines.add(chunk);
  lines.end();
  return text;
}

test("AnswerLines shows the same, however an answer was split", () => {
  const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 });
  const cuts = fc.array(fc.nat({ max: 200 }), { maxLength: 20 });
  fc.assert(
    fc.property(fc.array(text), cuts, (lines, at) => {
      const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""));
      const offsets = [0, ...at.toSorted((a, b) => a - b), bytes.length];
      const chunks = offsets
        .slice(1)
        .map((end, index) => bytes.subarray(offsets[index], end));
      expect(shown(chunks)).toBe(shown([bytes]));
    }),
    { seed: 2 },
  );
});

test("AnswerLines shows an endless line in pieces, as it comes", () => {
  let most = 0;
  let shownSoFar = 0;
  const lines = new AnswerLines((text) => (shownSoFar += text.length));
  for (let sent = 50_000; sent <= 5_000_000; sent += 50_000) {
    lines.add(Buffer.alloc(50_000, "x"));
    most = Math.max(most, sent - shownSoFar);
  }
  lines.end();
  expect(shownSoFar).toBe(5_000_000);
  expect(most).toBeLessThan(64 * 1024);
});

test("AnswerLines shows what has no newline at the end", () => {
  expect(shown([Buffer.from("one\ntwo")])).toBe("one\ntwo\n");
});

test("AnswerLines shows that a character was cut off", () => {
  expect(shown([Buffer.from("größer").subarray(0, 3)])).toBe("gr\ufffd\n");
});

test("AnswerLines leaves nothing that could act on a terminal", () => {
  const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const c1 = Buffer.from("\u0080\u0085\u009b\u009d");
  const text = shown([all, c1]);
  // oxlint-disable-next-line no-control-regex
  expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
  expect(text).toStartWith("\\x00\\x01\\x02");
  expect(text).toEndWith("\\x80\\x85\\x9b\\x9d\n");
});
