import { expect, test } from "bun:test";

import { reasonOf } from "../../src/report/verdict.ts";
import type { Result } from "../../src/result/result.ts";
import { resultOf } from "../support/result.ts";

function reason(instead: Partial<Result>): string {
  return reasonOf(resultOf([[1, 2, 3]], instead));
}

const met = { goal: "p99<2ms", measured: 900, met: true };
const missed = { goal: "errors<1%", measured: 0.2, met: false };

test("reasonOf() says why a run passed", () => {
  expect(reason({})).toBe("all 3 answers were right");
  const one = { sent: 1, received: 1, unanswered: 0 };
  expect(reason({ messages: one })).toBe("the answer was right");
  expect(reason({ goals: [met] })).toBe(
    "all 3 answers were right; p99<2ms met",
  );
  expect(reason({ goals: [met], search: { rate: 64_000, steps: [] } })).toBe(
    "all 3 answers were right; the goals are met up to 64,000/s",
  );
});

test("reasonOf() says why a run failed", () => {
  const { bytes, connections } = resultOf([[1]]);
  const fails: [Partial<Result>, string][] = [
    [{ bytes: { ...bytes, mismatched: 65 } }, "65 bytes came back wrong"],
    [
      { messages: { sent: 9, received: 8, unanswered: 1 } },
      "1 message unanswered",
    ],
    [
      { messages: { sent: 9, received: 0, unanswered: 9 } },
      "nothing came back",
    ],
    [{ connections: { ...connections, lost: 3 } }, "3 connections lost"],
    [{ errors: { ECONNRESET: 2, ETIMEDOUT: 1 } }, "3 errors"],
    [{ goals: [met, missed] }, "errors<1% missed"],
    [{ search: { rate: 0, steps: [] } }, "no rate met the goals"],
  ];
  for (const [instead, why] of fails) {
    expect(reason({ ...instead, verdict: "fail" })).toBe(why);
  }
});

test("reasonOf() tells every reason", () => {
  const all = reason({
    errors: { ECONNRESET: 1 },
    goals: [missed],
    verdict: "fail",
  });
  expect(all).toBe("1 error; errors<1% missed");
});

test("reasonOf() tells the reasons of the run itself, where it has some", () => {
  const reasons = ["the search ended early: it died", "no rate met the goals"];
  expect(reason({ reasons, goals: [missed], verdict: "fail" })).toBe(
    reasons.join("; "),
  );
});

test("reasonOf() is never silent", () => {
  for (const reasons of [[], undefined]) {
    const instead: Partial<Result> = { verdict: "fail" };
    if (reasons !== undefined) instead.reasons = reasons;
    expect(reason(instead)).toBe("its file does not say why");
  }
});
