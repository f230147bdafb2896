import { describe, expect, test } from "bun:test";
import fc from "fast-check";

import { shareOf } from "../../../src/load/plan.ts";
import {
  dueAt,
  dueBefore,
  evenSchedule,
  globalIndex,
  poissonSchedule,
} from "../../../src/load/pacer/schedule.ts";
import { random } from "../../../src/load/random.ts";

/** How a load's connections are spread over its workers. */
const crew = fc
  .record({
    connections: fc.integer({ min: 1, max: 200 }),
    workers: fc.integer({ min: 1, max: 16 }),
  })
  .map(({ connections, workers }) => {
    const some = Math.min(workers, connections);
    return Array.from({ length: some }, (_, worker) =>
      shareOf(connections, worker, some),
    );
  });

const rate = fc.integer({ min: 1, max: 1_000_000 });
const ramp = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 60_000 }));

test("globalIndex() gives each message to one worker", () => {
  fc.assert(
    fc.property(crew, fc.integer({ min: 1, max: 20 }), (shares, rounds) => {
      const indexes = shares.flatMap((share) =>
        Array.from({ length: share.count * rounds }, (_, m) =>
          globalIndex(m, share),
        ),
      );
      indexes.sort((a, b) => a - b);
      expect(indexes).toEqual(indexes.map((_, n) => n));
    }),
    { seed: 1 },
  );
});

test("evenSchedule() of all workers is n / rate, nothing doubled or dropped", () => {
  fc.assert(
    fc.property(crew, rate, (shares, perSecond) => {
      const due = shares.flatMap((share) => {
        const schedule = evenSchedule(perSecond, 0, share);
        return Array.from({ length: share.count * 3 }, schedule.next);
      });
      due.sort((a, b) => a - b);
      due.forEach((ms, n) => expect(ms).toBeCloseTo((n * 1000) / perSecond, 6));
    }),
    { seed: 2 },
  );
});

describe("dueAt()", () => {
  test("never goes back, whatever the ramp", () => {
    const indexes = fc.array(fc.nat(1_000_000), { minLength: 2 });
    fc.assert(
      fc.property(rate, ramp, indexes, (perSecond, over, some) => {
        const due = some
          .toSorted((a, b) => a - b)
          .map((n) => dueAt(n, perSecond, over));
        expect(due).toEqual(due.toSorted((a, b) => a - b));
      }),
      { seed: 3 },
    );
  });

  test("is continuous where the ramp ends", () => {
    fc.assert(
      fc.property(rate, ramp, (perSecond, over) => {
        const last = ((perSecond / 1000) * over) / 2;
        expect(dueAt(last, perSecond, over)).toBeCloseTo(over, 6);
        expect(dueAt(last - 1e-6, perSecond, over)).toBeCloseTo(over, 2);
      }),
      { seed: 4 },
    );
  });

  test("has half the messages of the full rate due in the ramp, a quarter of them in its first half", () => {
    const due = Array.from({ length: 3000 }, (_, n) => dueAt(n, 1000, 2000));
    expect(due.filter((ms) => ms < 2000).length).toBe(1000);
    expect(due.filter((ms) => ms < 1000).length).toBe(250);
    expect(due.filter((ms) => ms < 3000).length).toBe(2000);
  });

  test("has messages 1 / rate apart after the ramp", () => {
    fc.assert(
      fc.property(rate, ramp, fc.nat(10_000), (perSecond, over, more) => {
        const n = Math.ceil(((perSecond / 1000) * over) / 2) + more;
        const apart = dueAt(n + 1, perSecond, over) - dueAt(n, perSecond, over);
        expect(apart).toBeCloseTo(1000 / perSecond, 6);
      }),
      { seed: 5 },
    );
  });
});

/** Milliseconds, few enough that one can count what is due by then. */
const soon = fc.double({ min: 0, max: 50, noNaN: true });
const slow = fc.integer({ min: 1, max: 5000 });

test("dueBefore() counts what dueAt() tells", () => {
  const short = fc.integer({ min: 0, max: 100 });
  fc.assert(
    fc.property(soon, slow, short, (ms, perSecond, over) => {
      let count = 0;
      while (dueAt(count, perSecond, over) < ms) count += 1;
      expect(dueBefore(ms, perSecond, over)).toBe(count);
    }),
    { seed: 6, numRuns: 500 },
  );
  expect(dueBefore(1000, 1e12, 0)).toBe(1e12);
  expect(dueBefore(-1, 1000, 0)).toBe(0);
});

test("evenSchedule() passes over what is due, and goes on behind that", () => {
  fc.assert(
    fc.property(
      crew,
      slow,
      fc.nat(20),
      soon,
      (shares, perSecond, taken, ms) => {
        for (const share of shares) {
          const all = evenSchedule(perSecond, 0, share);
          const due = Array.from({ length: taken + 300 }, all.next);
          const schedule = evenSchedule(perSecond, 0, share);
          for (let n = 0; n < taken; n += 1) schedule.next();
          const skipped = due.slice(taken).filter((one) => one < ms).length;
          expect(schedule.skip(ms)).toBe(skipped);
          expect(schedule.next()).toBe(due[taken + skipped]!);
        }
      },
    ),
    { seed: 7 },
  );
});

describe("poissonSchedule()", () => {
  const all = { first: 0, count: 1, of: 1 };

  function gaps(shares = [all], seed = 1): number[] {
    const due = shares.flatMap((share) => {
      const schedule = poissonSchedule(1000, 0, share, seed);
      return Array.from({ length: 20_000 * share.count }, schedule.next);
    });
    due.sort((a, b) => a - b);
    // Beyond the first worker's end the others are alone.
    const shared = due.slice(0, 15_000 * shares.length);
    return shared.slice(1).map((ms, n) => ms - shared[n]!);
  }

  function meanOf(values: number[]): number {
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  }

  test("has exponential gaps, whose mean is 1 / rate", () => {
    const mean = meanOf(gaps());
    expect(mean).toBeCloseTo(1, 1);
    const deviation = Math.sqrt(meanOf(gaps().map((gap) => (gap - mean) ** 2)));
    expect(deviation).toBeCloseTo(1, 1);
    const longer = gaps().filter((gap) => gap > 2).length / gaps().length;
    expect(longer).toBeCloseTo(Math.exp(-2), 2);
  });

  test("of several workers makes one of the whole rate", () => {
    const shares = [0, 1, 2].map((worker) => shareOf(7, worker, 3));
    const mean = meanOf(gaps(shares));
    expect(mean).toBeCloseTo(1, 1);
    const deviation = Math.sqrt(
      meanOf(gaps(shares).map((gap) => (gap - mean) ** 2)),
    );
    expect(deviation).toBeCloseTo(1, 1);
  });

  test("is not the same on two machines whose seeds and workers add up alike", () => {
    const worker = (first: number) => ({ first, count: 1, of: 2 });
    expect(gaps([worker(1)], 1)).not.toEqual(gaps([worker(0)], 2));
  });

  test("passes over as many as are due on average", () => {
    const schedule = poissonSchedule(1000, 0, { first: 0, count: 1, of: 4 }, 1);
    const first = schedule.next();
    const skipped = schedule.skip(first + 8000);
    expect(skipped).toBe(2000);
    expect(schedule.next()).toBeGreaterThanOrEqual(first + 8000);
    expect(schedule.skip(first)).toBe(0);
  });

  test("is the same for the same seed, and another for another", () => {
    expect(gaps([all], 7)).toEqual(gaps([all], 7));
    expect(gaps([all], 7)).not.toEqual(gaps([all], 8));
  });
});

test("random() spreads evenly from 0 to 1, without 1", () => {
  const next = random(1);
  const tenths = new Array(10).fill(0);
  for (let n = 0; n < 100_000; n += 1) tenths[Math.floor(next() * 10)] += 1;
  for (const count of tenths) expect(count / 100_000).toBeCloseTo(0.1, 2);
  expect(tenths).toHaveLength(10);
});
