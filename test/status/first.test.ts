import { expect, test } from "bun:test";
import * as fc from "fast-check";

import { first } from "../../src/status/first.ts";

test("first() is what comes first of all when they are sorted", () => {
  const item = fc.record({ key: fc.nat(20) });
  fc.assert(
    fc.property(fc.array(item, { maxLength: 200 }), fc.nat(50), (all, most) => {
      const order = (a: { key: number }, b: { key: number }) => a.key - b.key;
      const found = first(all, most, order);
      // Equals are told apart: they keep the order in which they came.
      const expected = all.toSorted(order).slice(0, most);
      expect(found).toHaveLength(expected.length);
      found.forEach((one, index) => expect(one).toBe(expected[index]!));
    }),
    { seed: 20261122, numRuns: 500 },
  );
});
