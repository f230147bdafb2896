import { afterEach, beforeEach, expect, test } from "bun:test";

import { firstOf } from "../../../src/socket/dial/head-start.ts";
import { VirtualTime } from "../../support/virtual-time.ts";

let time: VirtualTime;
beforeEach(() => void (time = new VirtualTime()));
afterEach(() => time[Symbol.dispose]());

/** Who is tried when, where each takes so long and fails or does not. */
async function tried(...all: { takes: number; fails?: true }[]) {
  const from = time.now;
  const at: number[] = [];
  const first = firstOf([...all.keys()], async (index) => {
    at.push(Math.round(time.now - from));
    const { takes, fails } = all[index]!;
    await Bun.sleep(takes);
    if (fails) throw new Error(`${index} failed`);
    return index;
  });
  const result = await time.until(first.catch((error: Error) => error.message));
  return { result, at, waits: time.pending };
}

test("firstOf() tries no other where the first answers", async () => {
  expect(await tried({ takes: 20 }, { takes: 1 })).toEqual({
    result: 0,
    at: [0],
    waits: 0,
  });
});

test("firstOf() goes on at once where one fails", async () => {
  const failing = { takes: 20, fails: true } as const;
  expect(await tried(failing, failing, { takes: 5 }, { takes: 1 })).toEqual({
    result: 2,
    at: [0, 20, 40],
    waits: 0,
  });
});

test("firstOf() tries the next beside one that is silent", async () => {
  const silent = { takes: 1e6 };
  const { result, at } = await tried(silent, silent, { takes: 5 }, silent);
  expect({ result, at }).toEqual({ result: 2, at: [0, 250, 500] });
});

test("firstOf() takes the first after all, if that is sooner", async () => {
  const { result, at } = await tried({ takes: 300 }, { takes: 200 });
  expect({ result, at }).toEqual({ result: 0, at: [0, 250] });
});

test("firstOf() fails with the last to fail", async () => {
  const told = await tried(
    { takes: 600, fails: true },
    { takes: 10, fails: true },
  );
  expect(told).toEqual({ result: "0 failed", at: [0, 250], waits: 0 });
});
