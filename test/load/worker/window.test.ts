import { expect, test } from "bun:test";
import * as fc from "fast-check";

import { Window } from "../../../src/load/worker/window.ts";

const share = { first: 0, count: 1, of: 1 };

test("nothing that is sent in the warm-up counts, however late it is due", () => {
  // A microsecond around the moment, too.
  const near = fc.double({ min: -0.01, max: 0.01, noNaN: true });
  const due = fc.oneof(near, fc.double({ min: -5, max: 5, noNaN: true }));
  fc.assert(
    fc.property(due, (offset) => {
      const tally = { sent: 0, unsent: 0 };
      const window = new Window({ until: { messages: 100 }, share }, tally);
      window.warmUp(1000);
      const at = 1000 + offset;
      if (window.takes(at)) expect(window.counts(at)).toBe(false);
      // Once it is open, all that is due counts.
      window.open(1001);
      expect(window.takes(1001)).toBe(true);
      expect(window.counts(1001)).toBe(true);
    }),
    { seed: 12, numRuns: 2000 },
  );
});
