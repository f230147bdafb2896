import { expect, test } from "bun:test";

import { Gate } from "../../src/load/gate.ts";

test("Gate lets as many through as there is room, the next in line after", async () => {
  const gate = new Gate(2);
  const inside: number[] = [];
  const leave: (() => void)[] = [];
  const passing = [0, 1, 2, 3].map((who) =>
    gate.through(() => {
      inside.push(who);
      return new Promise((resolve) => {
        leave[who] = resolve;
      });
    }),
  );
  expect(inside).toEqual([0, 1]);
  leave[1]!();
  await passing[1];
  expect(inside).toEqual([0, 1, 2]);
  leave[0]!();
  await passing[0];
  expect(inside).toEqual([0, 1, 2, 3]);
});

test("Gate gives room back after a failure, too", async () => {
  const gate = new Gate(1);
  await expect(
    gate.through(() => Promise.reject(new Error("no"))),
  ).rejects.toThrow("no");
  let passed = false;
  await gate.through(async () => void (passed = true));
  expect(passed).toBe(true);
});
