import { describe, expect, test } from "bun:test";

import * as fc from "fast-check";

import { printable, printableJson, printableLines } from "../src/printable.ts";

/** What a terminal obeys, or what hides or reverses what stands beside it. */
const HARMFUL =
  // oxlint-disable-next-line no-control-regex
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/u;

/** Characters of every kind, the harmful among them often. */
const texts = fc
  .array(
    fc.oneof(
      fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
      fc.nat({ max: 0x2100 }).map((code) => String.fromCharCode(code)),
    ),
  )
  .map((characters) => characters.join(""));

describe("printable()", () => {
  test.each([
    ["\u001b[2J", "\\x1b[2J"],
    ["\u009b2J", "\\x9b2J"],
    ["two\nlines\r\t", "two\\nlines\\x0d\\t"],
    ["\u202egnp.exe", "\\u202egnp.exe"],
    ["a\u2028b\u2029c", "a\\u2028b\\u2029c"],
    ["zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"],
    ["tag\u{e0041}", "tag\\u{e0041}"],
    ["half \ud83d", "half \\ud83d"],
    ["not a picture\u200d", "not a picture\\u200d"],
    ["two \u200d apart \u{1f468}\u200d", "two \\u200d apart \u{1f468}\\u200d"],
  ])("printable() spells %j out", (text, safe) => {
    expect(printable(text)).toBe(safe);
  });

  test.each([
    "µ – ✓ é\u00a0x",
    "größer",
    "日本語",
    "👩🏽‍🚀 👨‍👩‍👧 ❤️‍🔥",
    "e\u0301",
    "\\x1b",
  ])("printable() leaves %s", (text) => {
    expect(printable(text)).toBe(text);
  });

  test("printable() makes any text a harmless line, once and for all", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const safe = printable(text);
        expect(safe).not.toMatch(HARMFUL);
        expect(printable(safe)).toBe(safe);
      }),
      { seed: 1 },
    );
  });
});

test("printableLines() leaves newlines and tabs, and nothing else", () => {
  expect(printableLines("a\tb\r\n\u001bc\n")).toBe("a\tb\\x0d\n\\x1bc\n");
  fc.assert(
    fc.property(texts, (text) => {
      expect(printableLines(text).replaceAll(/[\n\t]/g, "")).toBe(
        printable(text.replaceAll(/[\n\t]/g, "")),
      );
    }),
    { seed: 2 },
  );
});

test("printableJson() leaves nothing to obey, and means the same", () => {
  fc.assert(
    fc.property(texts, (text) => {
      const json = printableJson(JSON.stringify({ text, [text]: 1 }, null, 2));
      expect(json.replaceAll("\n", "")).not.toMatch(HARMFUL);
      expect(JSON.parse(json)).toEqual(
        JSON.parse(JSON.stringify({ text, [text]: 1 })),
      );
    }),
    { seed: 3 },
  );
});
