import { expect, test } from "bun:test";
import * as fc from "fast-check";

import { shortNames } from "../../src/report/names.ts";

test("shortNames() tells names apart where they differ", () => {
  const cases: [string[], string[]][] = [
    [["exactly14.json"], ["exactly14.json"]],
    [["exactly-15.json"], ["…actly-15.json"]],
    [
      ["a.json", "b.json"],
      ["a.json", "b.json"],
    ],
    [
      ["/long/path/to/machine-12.json", "b.json"],
      ["…chine-12.json", "b.json"],
    ],
    [
      ["before-the-change.json", "after--the-change.json"],
      ["before-the-ch…", "after--the-ch…"],
    ],
    [
      ["results/2026-11-01/v1/sea.json", "results/2026-11-01/v2/sea.json"],
      ["…1/v1/sea.json", "…1/v2/sea.json"],
    ],
    [
      [
        "a-long-name-with-1-in-its-middle.json",
        "a-long-name-with-2-in-its-middle.json",
      ],
      ["…1-in-its-mid…", "…2-in-its-mid…"],
    ],
  ];
  for (const [names, short] of cases) expect(shortNames(names)).toEqual(short);
});

test("shortNames() keeps different names different, and narrow", () => {
  const name = fc.string({
    unit: fc.constantFrom("a", "b", "/"),
    minLength: 1,
    maxLength: 40,
  });
  fc.assert(
    fc.property(
      fc.uniqueArray(name, { minLength: 1, maxLength: 8 }),
      (names) => {
        const short = shortNames(names);
        expect(new Set(short).size).toBe(names.length);
        expect(
          Math.max(...short.map(({ length }) => length)),
        ).toBeLessThanOrEqual(14);
      },
    ),
    { seed: 1, numRuns: 2000 },
  );
});
