import { describe, expect, test } from "bun:test";
import fc from "fast-check";

import { random } from "../../src/load/random.ts";
import { search as searchOrNone } from "../../src/load/find-rate.ts";
import type { Result } from "../../src/result/result.ts";
import { resultOf } from "../support/result.ts";

const one = resultOf([[100, 100]]);

/** A search that completes a step. */
async function search(...args: Parameters<typeof searchOrNone>) {
  return (await searchOrNone(...args))!;
}

/** With a goal that can be told from `enough` messages on. */
function withGoal(run: Result, enough: number): Result {
  const told = run.rate.planned! * run.seconds >= enough;
  const goal = { goal: "p99<1us", below: 1, measured: told ? 9 : null };
  return { ...run, goals: [{ ...goal, met: false }] };
}

/** A run at a rate, of which it reaches `achieved`; its goals are met or not. */
function runAt(rate: number, pass: boolean, achieved = rate): Result {
  return {
    ...one,
    options: { ...one.options, rate },
    seconds: 2,
    rate: { planned: rate, messages: achieved, bytes: achieved * 64 },
    verdict: pass ? "pass" : "fail",
  };
}

/** A server that meets its goals up to `limit`, and what was asked of it. */
function serverWith(limit: number) {
  const asked: number[] = [];
  const measure = async (rate: number) => {
    asked.push(rate);
    return runAt(rate, rate <= limit);
  };
  return { asked, measure };
}

describe("search()", () => {
  test("ends within 5 % below the limit, wherever it is and begins", async () => {
    const limit = fc.integer({ min: 2, max: 5_000_000 });
    const off = fc.double({ min: -10, max: 10, noNaN: true });
    await fc.assert(
      fc.asyncProperty(limit, off, async (most, doublings) => {
        const { asked, measure } = serverWith(most);
        const result = await search(most * 2 ** doublings, measure);
        const { rate, steps } = result.search!;
        expect(rate).toBeLessThanOrEqual(most);
        // 5 %, and the third digit, to which rates are rounded.
        expect(rate).toBeGreaterThan(most * 0.94);
        expect(result.options.rate).toBe(rate);
        expect(result.verdict).toBe("pass");
        const rates = steps.map((step) => step.rate);
        const tried = [...new Set(asked)].toSorted((a, b) => a - b);
        expect(rates).toEqual(tried);
        expect(new Set(rates).size).toBe(rates.length);
        for (const step of steps) expect(step.met).toBe(step.rate <= most);
      }),
      { seed: 1 },
    );
  });

  test("doubles up to the limit, then halves what is left", async () => {
    const { asked, measure } = serverWith(450);
    await search(100, measure);
    expect([...new Set(asked)]).toEqual([
      100, 200, 400, 800, 600, 500, 450, 475, 463,
    ]);
  });

  test("goes down when its first step is too much", async () => {
    const { asked, measure } = serverWith(30);
    expect((await search(100, measure)).search!.rate).toBeCloseTo(30, -1);
    expect(asked.slice(0, 5)).toEqual([100, 100, 50, 50, 25]);
  });

  test("is not misled by one bad moment below the limit", async () => {
    const { measure } = serverWith(1000);
    let steps = 0;
    const result = await search(100, async (rate) => {
      steps += 1;
      return steps === 2 ? runAt(rate, false) : measure(rate);
    });
    expect(result.search!.rate).toBeGreaterThan(940);
  });

  test("tries a rate but once that was missed by far", async () => {
    const asked: number[] = [];
    await search(100, async (rate) => {
      asked.push(rate);
      return runAt(rate, rate < 150, Math.min(rate, 150));
    });
    expect(asked.slice(0, 3)).toEqual([100, 200, 150]);
  });

  test("ends with the step whose bytes were wrong", async () => {
    const { asked, measure } = serverWith(1000);
    const result = await search(100, async (rate) => {
      const step = await measure(rate);
      const bytes = { ...step.bytes, mismatched: rate > 300 ? 1 : 0 };
      return { ...step, bytes, verdict: rate > 300 ? "fail" : "pass" };
    });
    expect(asked).toEqual([100, 200, 400]);
    expect(result.bytes.mismatched).toBe(1);
    expect(result.search!.rate).toBe(0);
    expect(result.verdict).toBe("fail");
  });

  test("finds the limit of arrivals at random, as of even ones", async () => {
    const limit = 400;
    const normal = random(1);
    const result = await search(100, async (rate) => {
      const due = 2 * rate;
      const more = (normal() + normal() + normal() - 1.5) * 2 * Math.sqrt(due);
      const step = runAt(rate, rate <= limit, (due + more) / 2);
      return { ...step, options: { ...step.options, arrivals: "poisson" } };
    });
    expect(result.search!.rate).toBeGreaterThan(limit * 0.94);
  });

  test("takes a rate that was not reached for the limit", async () => {
    const capacity = 1000;
    const result = await search(100, async (rate) =>
      runAt(rate, true, Math.min(rate, capacity)),
    );
    // A step may fall short by 1 % and a message.
    expect(result.search!.rate).toBeGreaterThan(capacity * 0.94);
    expect(result.search!.rate).toBeLessThan(capacity * 1.02);
  });

  test("takes a message more or less for the rate, where there are few", async () => {
    const short = async (rate: number) =>
      runAt(rate, rate < 20, rate - (rate > 1 ? 0.5 : 0));
    expect((await search(3, short)).search!.rate).toBeGreaterThan(18);
  });

  test("fails with the lowest rate tried when none meets the goals", async () => {
    const result = await search(10, async (rate) => runAt(rate, false));
    expect(result.verdict).toBe("fail");
    expect(result.search!.rate).toBe(0);
    expect(result.search!.steps.map(({ rate }) => rate)).toEqual([
      1.25, 2.5, 5, 10,
    ]);
    expect(result.options.rate).toBe(1.25);
  });

  test("begins with one a second where a closed loop did not reach more", async () => {
    const { asked, measure } = serverWith(1.5);
    const result = await search(0, measure);
    expect(asked[0]).toBe(1);
    expect(result.search!.rate).toBeCloseTo(1.5, 1);
  });

  test("tells what it knows when it is interrupted", async () => {
    const { measure } = serverWith(1000);
    let steps = 0;
    const result = await search(100, async (rate) => {
      steps += 1;
      return steps > 2 ? undefined : measure(rate);
    });
    expect(result.search!.rate).toBe(200);
    expect(result.search!.steps).toHaveLength(2);
    expect(result.verdict).toBe("pass");
  });

  test("keeps a step whose second look was interrupted", async () => {
    let steps = 0;
    const result = await search(100, async (rate) => {
      steps += 1;
      return steps > 1 ? undefined : runAt(rate, false);
    });
    expect(result.search!.steps).toHaveLength(1);
    expect(result.verdict).toBe("fail");
  });

  test("has nothing to tell when it is interrupted before that", async () => {
    expect(await searchOrNone(100, async () => undefined)).toBeUndefined();
  });

  test("tells of a step with messages enough for its goals, and needs none with fewer", async () => {
    const asked: number[] = [];
    const result = await search(400, async (rate) => {
      asked.push(rate);
      return withGoal(runAt(rate, false), 200);
    });
    // Of 2 seconds; each was tried twice.
    expect([...new Set(asked)]).toEqual([400, 200, 100, 50]);
    expect(result.options.rate).toBe(100);
    expect(result.goals[0]!.measured).toBe(9);
  });

  test("goes up where there are too few messages, to where a goal can be met", async () => {
    const result = await search(10, async (rate) => {
      const run = withGoal(runAt(rate, rate >= 100 && rate < 500), 200);
      return run.verdict === "pass" ? { ...run, goals: [] } : run;
    });
    expect(result.search!.rate).toBeWithin(470, 500);
  });
});
