import { expect, test } from "bun:test";

import * as fc from "fast-check";

import {
  encodeTyped,
  TypedDecoder,
} from "../../../src/commands/client/typed.ts";

/** Text of bytes that come in chunks, with what would end a readline line. */
function decode(bytes: Uint8Array, cuts: number[] = []): string {
  const decoder = new TypedDecoder();
  const offsets = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
  const text = offsets
    .slice(1)
    .map((end, index) => decoder.write(bytes.subarray(offsets[index], end)))
    .join("");
  // A key that decides whether the last bytes are a character.
  return text + decoder.write(Buffer.from("\r"));
}

test.each(["", "hello", "größer", "日本語 👩‍🚀", "\u001b[A\u0003", "\ufeff"])(
  "TypedDecoder gives readline %j as it is",
  (text) => {
    expect(decode(Buffer.from(text))).toBe(`${text}\r`);
  },
);

test.each([
  ["Latin-1", Buffer.from("caf\u00e9 \u00fc", "latin1"), "caf\uefe9 \ueffc\r"],
  ["U+2028", Buffer.from("\u2028"), "\uefe2\uef80\uefa8\r"],
  ["a stand-in", Buffer.from("\uef80"), "\uefee\uefbe\uef80\r"],
  ["half a character", Buffer.from([0xe2, 0x82]), "\uefe2\uef82\r"],
])("TypedDecoder has stand-ins for %s", (_, bytes, text) => {
  expect(decode(bytes)).toBe(text);
});

test("any bytes come back, however they were split, on one line", () => {
  const pieces = fc.oneof(
    fc.uint8Array({ maxLength: 4 }),
    fc
      .constantFrom("é", "\u2028", "\u2029", "\uef80", "\uefff", "€", "👩")
      .map((text) => new Uint8Array(Buffer.from(text))),
    fc
      .string({ unit: "binary", maxLength: 4 })
      .map((text) => new Uint8Array(Buffer.from(text))),
  );
  const cuts = fc.array(fc.nat({ max: 40 }), { maxLength: 10 });
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), cuts, (parts, at) => {
      const bytes = Buffer.concat(parts);
      const text = decode(bytes, at);
      expect(encodeTyped(text).toString("hex")).toBe(
        `${bytes.toString("hex")}0d`,
      );
      expect(text).not.toMatch(/[\u2028\u2029]/);
    }),
    { seed: 1, numRuns: 1000 },
  );
});
