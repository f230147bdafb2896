import { describe, expect, test } from "bun:test";

import {
  judge,
  messagesFor,
  parseGoal,
} from "../../../src/load/outcome/goals.ts";
import { histogramOf } from "../../support/result.ts";

describe("parseGoal()", () => {
  test("reads percentiles, the mean, the maximum and a share of errors", () => {
    const read = {
      "p99<2ms": { of: { percentile: 99 }, below: 2000 },
      "p99.9<500us": { of: { percentile: 99.9 }, below: 500 },
      "p5<1.5us": { of: { percentile: 5 }, below: 1.5 },
      "max<1.5s": { of: "max", below: 1_500_000 },
      "mean<1m": { of: "mean", below: 60_000_000 },
      "errors<0.1%": { of: "errors", below: 0.001 },
    };
    for (const [text, target] of Object.entries(read)) {
      const goal = { text, ...target, inclusive: false };
      expect(parseGoal(text)).toEqual(goal as never);
    }
  });

  test("reads limits that are met themselves, and blanks", () => {
    const goal = { text: "p99<=2ms", below: 2000, inclusive: true };
    for (const text of ["p99<=2ms", "p99 <= 2ms", " p99\t<=  2 ms "]) {
      expect(parseGoal(text)).toMatchObject(goal);
    }
    expect(parseGoal("errors < 0.1 %")).toMatchObject({
      text: "errors<0.1%",
      below: 0.001,
      inclusive: false,
    });
    expect(parseGoal("errors<=0%").below).toBe(0);
    expect(parseGoal("max < 1m30s").below).toBe(90e6);
  });

  test("refuses anything else, and shows what a goal is", () => {
    const wrong = [
      "",
      "p99",
      "p99<",
      "p99<2",
      "p99< 2",
      "p 99<2ms",
      "p99<1 5ms",
      "p99< =2ms",
      "p99<<2ms",
      "p99<==2ms",
      "errors<=-1%",
      "p99>2ms",
      "p0<1ms",
      "p100<1ms",
      "p<1ms",
      "median<1ms",
      "max<1%",
      "max<-1ms",
      "errors<1ms",
      "errors<1",
      "errors<0%",
      "max<0ms",
      "<1ms",
    ];
    for (const text of wrong) {
      expect(() => parseGoal(text)).toThrow(
        `"${text}" is not a goal, such as p99<2ms, max<10ms or errors<0.1%`,
      );
    }
  });
});

test("messagesFor() asks for ten samples beyond each percentile", () => {
  const asked = (...goals: string[]) => messagesFor(goals.map(parseGoal));
  expect(asked("max<1ms")).toBe(1000);
  expect(asked("p99<1ms")).toBe(1000);
  expect(asked("p99<1ms", "p99.9<1ms")).toBe(10_000);
  expect(asked("p99.99<1ms", "errors<1%")).toBe(100_000);
});

describe("judge()", () => {
  const four = histogramOf([100, 200, 300, 400]);

  function judged(goal: string, unmet = 0, times = four, all = unmet) {
    const { measured, met } = judge(parseGoal(goal), times, { unmet, all });
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
    expect(judged("mean<=250us")).toEqual([250, true]);
    expect(judged("max<=399us")).toEqual([400, false]);
    expect(judged("errors<=0%")).toEqual([0, true]);
    expect(judged("errors<=0%", 1)).toEqual([0.2, false]);
  });

  test("holds errors against what was to be sent", () => {
    const times = histogramOf(new Array(991).fill(1));
    expect(judged("errors<1%", 9, times)).toEqual([0.009, true]);
    expect(judged("errors<0.5%", 9, times)).toEqual([0.009, false]);
    const none = histogramOf([]);
    expect(judged("errors<1%", 0, none)).toEqual([0, true]);
    expect(judged("errors<1%", 3, none)).toEqual([1, false]);
  });

  test("counts connections that failed without a message, too", () => {
    expect(judged("errors<50%", 0, four, 1)).toEqual([0.25, true]);
    expect(judged("errors<50%", 0, four, 9)).toEqual([1, false]);
    expect(judged("p50<1s", 0, four, 9)).toEqual([200, true]);
  });

  test("takes what never came back for slower than all that did", () => {
    // Of ten, the fifth is 300 with two lost, and the eighth one of those.
    const times = histogramOf([100, 100, 200, 200, 300, 300, 400, 400]);
    expect(judged("p50<1s", 0, times)).toEqual([200, true]);
    expect(judged("p50<1s", 2, times)).toEqual([300, true]);
    expect(judged("p80<1s", 2, times)).toEqual([400, true]);
    expect(judged("p81<1s", 2, times)).toEqual([null, false]);
    expect(judged("max<1s", 1, times)).toEqual([null, false]);
    expect(judged("mean<1s", 1, times)).toEqual([null, false]);
  });

  test("tells no percentile of too few samples", () => {
    const hundred = histogramOf(new Array(100).fill(5));
    expect(judged("p99<1s", 0, hundred)).toEqual([5, true]);
    expect(judged("p99.5<1s", 0, hundred)).toEqual([null, false]);
  });

  test("does not take silence for a goal that was met", () => {
    for (const text of ["p99<1s", "max<1s", "mean<1s"]) {
      const lost = { unmet: 9, all: 9 };
      expect(judge(parseGoal(text), histogramOf([]), lost)).toMatchObject({
        goal: text,
        measured: null,
        met: false,
      });
    }
  });
});
