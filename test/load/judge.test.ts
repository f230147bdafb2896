import { describe, expect, test } from "bun:test";

import { parseGoal } from "../../src/load/goals.ts";
import { judge } from "../../src/load/judge.ts";
import { timesOfSamples } from "../support/result.ts";

describe("judge()", () => {
  const { histogram } = timesOfSamples([100, 200, 300, 400]);

  function judged(goal: string, sent = 4, errors = 0) {
    const { measured, met } = judge(parseGoal(goal), {
      histogram,
      sent,
      errors,
    });
    return [measured, met];
  }

  test("holds times against the histogram", () => {
    expect(judged("p50<201us")).toEqual([200, true]);
    expect(judged("p50<200us")).toEqual([200, false]);
    expect(judged("p75<350us")).toEqual([300, true]);
    expect(judged("max<401us")).toEqual([400, true]);
    expect(judged("max<400us")).toEqual([400, false]);
    expect(judged("mean<251us")).toEqual([250, true]);
    expect(judged("mean<250us")).toEqual([250, false]);
  });

  test("holds errors against what was to be sent", () => {
    expect(judged("errors<1%", 1000, 9)).toEqual([0.009, true]);
    expect(judged("errors<1%", 1000, 10)).toEqual([0.01, false]);
    expect(judged("errors<1%", 0, 0)).toEqual([0, true]);
    expect(judged("errors<1%", 0, 3)).toEqual([1, false]);
  });

  test("does not take silence for a goal that was met", () => {
    const nothing = timesOfSamples([]);
    for (const text of ["p99<1s", "max<1s", "mean<1s"]) {
      const { histogram: empty } = nothing;
      expect(
        judge(parseGoal(text), { histogram: empty, sent: 9, errors: 9 }),
      ).toEqual({ goal: text, measured: null, met: false });
    }
  });
});
