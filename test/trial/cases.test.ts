import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";

import { parseFaults } from "../../src/protocol/faults/list.ts";
import { CASES } from "../../src/trial/cases.ts";
import { chooseCases, parseChosen } from "../../src/trial/choose.ts";
import { placed } from "../../src/trial/places.ts";

const carried = fc.record({
  answer: fc.integer({ min: 0, max: 2 ** 40 }),
  request: fc.integer({ min: 0, max: 2 ** 40 }),
});

describe("the cases of a trial", () => {
  test("are many, and each has a name of its own, and its reasons", () => {
    expect(CASES.length).toBeGreaterThanOrEqual(25);
    const names = CASES.map(({ name }) => name);
    expect(names).toEqual([...new Set(names)]);
    for (const { name, imitates, should } of CASES) {
      expect(name).toMatch(/^[a-z]+(?:-[a-z]+)*$/);
      expect(imitates).toMatch(/^\S.+[^.]$/);
      expect(should).toMatch(/^\S.+[^.]$/);
    }
  });

  test("have faults of the grammar, that act within the conversation", () => {
    fc.assert(
      fc.property(carried, fc.constantFrom(...CASES), (sizes, one) => {
        const texts = placed(one.faults, sizes);
        if (texts === undefined) {
          // No byte has a middle.
          expect(Math.min(sizes.answer, sizes.request)).toBeLessThan(2);
          return;
        }
        for (const { when, toward } of parseFaults(texts)) {
          if (when === undefined || !("size" in when)) continue;
          const size = toward === "server" ? sizes.request : sizes.answer;
          expect(when.size).toBeLessThan(Math.max(size, 2));
        }
      }),
    );
  });

  test("are chosen by name and by pattern", () => {
    const names = (only: string[], skip: string[] = []) =>
      chooseCases(only, skip).map(({ name }) => name);
    expect(names([])).toEqual(CASES.map(({ name }) => name));
    expect(names(["swap", "corrupt"])).toEqual(["corrupt", "swap"]);
    expect(names(["reset*"], ["*-once"])).toEqual([
      "reset",
      "reset-first",
      "reset-last",
      "reset-request",
    ]);
    expect(() => names(["swap"], ["sw*"])).toThrow("leave no case");
  });

  test("are named right, or it is said which one was meant", () => {
    expect(parseChosen("reset*, swap")).toEqual(["reset*", "swap"]);
    expect(() => parseChosen("finnish")).toThrow(
      '"finnish" is no case: did you mean finish?',
    );
    expect(() => parseChosen("z*")).toThrow(
      '"z*" is no case: --case-list names them all',
    );
  });
});
