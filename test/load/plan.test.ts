import { expect, test } from "bun:test";
import fc from "fast-check";

import { messagesOf, shareOf } from "../../src/load/plan.ts";

function sharesOf(total: number, workers: number) {
  return Array.from({ length: workers }, (_, worker) =>
    shareOf(total, worker, workers),
  );
}

const total = fc.integer({ min: 1, max: 100_000 });
const workers = fc.integer({ min: 1, max: 64 });

test("shareOf() drops no remainder", () => {
  expect(sharesOf(10, 3)).toEqual([
    { first: 0, count: 4, of: 10 },
    { first: 4, count: 3, of: 10 },
    { first: 7, count: 3, of: 10 },
  ]);
});

test("shareOf() gives each connection to one worker, in order", () => {
  fc.assert(
    fc.property(total, workers, (connections, many) => {
      let next = 0;
      for (const { first, count, of } of sharesOf(connections, many)) {
        expect(first).toBe(next);
        expect(of).toBe(connections);
        expect(count - Math.floor(connections / many)).toBeOneOf([0, 1]);
        next += count;
      }
      expect(next).toBe(connections);
    }),
    { seed: 1 },
  );
});

test("messagesOf() gives all messages out, a connection one more at most", () => {
  fc.assert(
    fc.property(total, workers, fc.nat(1_000_000), (many, hands, messages) => {
      const shares = sharesOf(many, hands);
      const dealt = shares.map((share) => messagesOf(messages, share));
      expect(dealt.reduce((sum, count) => sum + count, 0)).toBe(messages);
      shares.forEach(({ count }, worker) => {
        const each = Math.floor(messages / many);
        expect(dealt[worker]! - each * count).toBeGreaterThanOrEqual(0);
        expect(dealt[worker]! - each * count).toBeLessThanOrEqual(count);
      });
    }),
    { seed: 2 },
  );
});
