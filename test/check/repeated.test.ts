import { expect, test } from "bun:test";

import { agreed, countsOf, repeated } from "../../src/check/repeated.ts";

/** Tries that end so, one after the other, and how many there were. */
function tries(...statuses: string[]) {
  let count = 0;
  const attempt = async () => ({ status: statuses[count++]! });
  return { attempt, count: () => count };
}

test("two that agree are enough", async () => {
  const { attempt, count } = tries("lost", "lost", "kept");
  const seen = await repeated(attempt);
  expect(agreed(seen)).toEqual({ status: "lost" });
  expect(count()).toBe(2);
});

test("two that differ are tried twice more, and all are told", async () => {
  const { attempt, count } = tries("kept", "lost", "kept", "kept");
  const seen = await repeated(attempt);
  expect(agreed(seen)).toBeUndefined();
  expect(countsOf(seen)).toBe("kept on 3 connections, lost on 1");
  expect(count()).toBe(4);
  expect(countsOf(seen.slice(1, 3))).toBe("lost on 1 connection, kept on 1");
});
