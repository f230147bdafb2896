import { describe, expect, test } from "bun:test";

import { messagesFor, parseGoal } from "../../src/load/goals.ts";

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
