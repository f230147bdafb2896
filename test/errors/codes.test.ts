import { expect, test } from "bun:test";

import type { ErrorCode as Exported } from "../../src/index.ts";
import {
  CODES,
  type ErrorCode,
  isErrorCode,
  wordsOf,
} from "../../src/errors/codes.ts";

const root = `${import.meta.dir}/../..`;
const codes = Object.keys(CODES).toSorted();

/** The text of each file of src. */
async function sources(): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const file of new Bun.Glob("**/*.ts").scanSync(`${root}/src`)) {
    found.set(file, await Bun.file(`${root}/src/${file}`).text());
  }
  return found;
}

test("docs/ERRORS.md tells of every code, in the table's words, and no other", async () => {
  const text = await Bun.file(`${root}/docs/ERRORS.md`).text();
  const rows = [...text.matchAll(/^\| `(\w+)` +\| (.+?) +\| (.+)\|$/gm)];
  const told = rows.map(([, code, words]) => [code, words]);
  expect(told.toSorted()).toEqual(Object.entries(CODES).toSorted());
  for (const [row, , , rest] of rows) {
    const cells = rest!.split(" | ").map((cell) => cell.trim());
    expect(cells, row).toHaveLength(2);
    for (const cell of cells) expect(cell).toMatch(/\S[.?…`]$/);
  }
});

test("the library exports the type of all codes", () => {
  const listed: Record<Exported, string> = CODES;
  expect(Object.keys(listed)).toHaveLength(codes.length);
  // @ts-expect-error: no other is one
  const other: Exported = "ENOSUCHCODE";
  expect(isErrorCode(other)).toBe(false);
});

/** Codes that are asked for, and never told; and a state of TCP. */
const ASKED = new Set(["ERR_MISSING_PASSPHRASE", "ESTABLISHED"]);

test("no other code is in src", async () => {
  const others: string[] = [];
  for (const [file, text] of await sources()) {
    for (const [, code] of text.matchAll(/"(E[A-Z]{2,}(?:_[A-Z]+)*)"/g)) {
      if (!isErrorCode(code!) && !ASKED.has(code!))
        others.push(`${file}: ${code}`);
    }
  }
  expect(others).toEqual([]);
});

test("no message in src has a code typed into it", async () => {
  const typed: string[] = [];
  for (const [file, text] of await sources()) {
    const code =
      /^(?!\s*(?:\/?\*|\/\/)).*(?<!\w)\((E[A-Z]{3,}|[A-Z]+(?:_[A-Z]+){2,})\)/gm;
    for (const [line] of text.matchAll(code)) typed.push(`${file}: ${line}`);
  }
  expect(typed).toEqual([]);
});

test("every code of our own is used", async () => {
  const src = [...(await sources())]
    .filter(([file]) => file !== "errors/codes.ts")
    .map(([, text]) => text)
    .join("\n");
  const [ours = ""] = /\/\/ Ours\.[^]*?\/\/ The operating/.exec(
    await Bun.file(`${root}/src/errors/codes.ts`).text(),
  )!;
  const names = Array.from(ours.matchAll(/^ {2}(\w+):/gm), ([, name]) => name!);
  expect(names.length).toBeGreaterThan(10);
  expect(names.filter((name) => !src.includes(`"${name}"`))).toEqual([]);
});

test("wordsOf() has words for every code, none for another's", () => {
  for (const code of codes)
    expect(wordsOf(code)).toBe(CODES[code as ErrorCode]);
  expect(wordsOf("__proto__")).toBe("");
  expect(wordsOf("toString")).toBe("");
});
