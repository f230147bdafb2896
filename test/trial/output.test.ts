import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";

import { difference, expectedOf } from "../../src/trial/output.ts";

const bytes = fc.uint8Array({ minLength: 1, maxLength: 200 });

function always(output: Uint8Array) {
  return { bytes: output, varying: new Set<number>() };
}

function text(lines: string): Uint8Array {
  return Buffer.from(lines);
}

describe("an output against what is expected", () => {
  test("is cut wherever it ends too soon, and longer if more follows", () => {
    fc.assert(
      fc.property(bytes, fc.nat(), bytes, (whole, at, more) => {
        const cut = at % whole.length;
        expect(difference(always(whole), whole)).toEqual({ is: "same" });
        expect(difference(always(whole), whole.subarray(0, cut))).toEqual({
          is: cut === 0 ? "empty" : "cut",
        });
        const longer = Buffer.concat([whole, more]);
        expect(difference(always(whole), longer)).toEqual({ is: "longer" });
      }),
    );
  });

  test("is altered at the first byte that differs", () => {
    fc.assert(
      fc.property(
        bytes,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (whole, n, mask) => {
          const at = n % whole.length;
          const altered = Buffer.from(whole);
          altered[at]! ^= mask;
          const found = difference(always(whole), altered);
          expect(found).toMatchObject({ is: "altered", byte: at });
        },
      ),
    );
  });

  test("of nothing is the same only if it is nothing", () => {
    const nothing = always(new Uint8Array());
    expect(difference(nothing, new Uint8Array())).toEqual({ is: "same" });
    expect(difference(nothing, text("x"))).toEqual({ is: "longer" });
  });
});

describe("lines that differ from run to run", () => {
  const expected = expectedOf(
    text("date: 1\nbody\ntook 5 ms\nend\n"),
    text("date: 2\nbody\ntook 7 ms\nend\n"),
  )!;

  test("are found, and not compared", () => {
    expect([...expected.varying]).toEqual([0, 2]);
    const later = text("date: 333\nbody\ntook 1 ms\nend\n");
    expect(difference(expected, later)).toEqual({ is: "same" });
  });

  test("hide no cut, no surplus and no change in the others", () => {
    const cases: [string, object][] = [
      ["date: 3\nbody\ntook 1 ms\nen", { is: "cut" }],
      ["date: 3\nbody\ntook", { is: "cut" }],
      ["date: 3\nbody\ntook 1 ms\nend\nmore\n", { is: "longer" }],
      ["date: 3\nBody\ntook 1 ms\nend\n", { is: "altered", line: 2 }],
    ];
    for (const [output, found] of cases) {
      expect(difference(expected, text(output))).toMatchObject(found);
    }
  });

  test("can't be told where there are more of them in one run", () => {
    expect(expectedOf(text("a\n"), text("a\nb\n"))).toBeUndefined();
  });

  test("are none where two runs print the same, whatever it is", () => {
    fc.assert(
      fc.property(bytes, (whole) => {
        expect(expectedOf(whole, Buffer.from(whole))!.varying.size).toBe(0);
      }),
    );
  });
});
