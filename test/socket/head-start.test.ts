import { afterEach, beforeEach, describe, expect, spyOn, test } from "bun:test";

import { firstOf } from "../../src/socket/head-start.ts";

/** Timers that run when the test says so. */
interface FakeTimer {
  ms: number;
  run(): void;
  cleared: boolean;
}

let timers: FakeTimer[];
let spies: Disposable[];

beforeEach(() => {
  timers = [];
  const set = spyOn(globalThis, "setTimeout");
  set.mockImplementation(((run: () => void, ms: number) => {
    const timer = { ms, run, cleared: false };
    timers.push(timer);
    return timer;
  }) as never);
  const clear = spyOn(globalThis, "clearTimeout");
  clear.mockImplementation(((timer: FakeTimer) => {
    timer.cleared = true;
  }) as never);
  spies = [set, clear];
});

afterEach(() => {
  for (const spy of spies) spy[Symbol.dispose]();
});

/** Attempts at each of these letters, which the test ends. */
function attempts(letters: string) {
  const tried: string[] = [];
  const ends = new Map<string, PromiseWithResolvers<string>>();
  const first = firstOf(letters.split(""), (letter) => {
    tried.push(letter);
    const end = Promise.withResolvers<string>();
    ends.set(letter, end);
    return end.promise;
  });
  // What it is told takes some turns to arrive.
  const turns = async () => {
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  };
  return {
    first,
    tried,
    succeed: (letter: string) => (ends.get(letter)!.resolve(letter), turns()),
    fail: (letter: string) => (ends.get(letter)!.reject(letter), turns()),
  };
}

describe("firstOf()", () => {
  test("firstOf() gives each a quarter of a second before the next", () => {
    const { tried } = attempts("abc");
    expect(tried).toEqual(["a"]);
    expect(timers.map(({ ms }) => ms)).toEqual([250]);
    timers[0]!.run();
    expect(tried).toEqual(["a", "b"]);
    timers[1]!.run();
    expect(tried).toEqual(["a", "b", "c"]);
  });

  test("firstOf() takes the first, tries no other, and leaves no timer", async () => {
    const { first, tried, succeed } = attempts("abc");
    timers[0]!.run();
    await succeed("a");
    expect(await first).toBe("a");
    expect(timers[0]!.cleared).toBe(true);
    timers[1]!.run();
    expect(tried).toEqual(["a", "b"]);
    await succeed("b");
    expect(timers.every(({ cleared }) => cleared)).toBe(true);
  });

  test("firstOf() goes on at once from one that fails, and only once", async () => {
    const { tried, fail } = attempts("abc");
    await fail("a");
    expect(tried).toEqual(["a", "b"]);
    expect(timers[0]!.cleared).toBe(true);
    timers[0]!.run();
    expect(tried).toEqual(["a", "b"]);
  });

  test("firstOf() fails as the last does, once none is left", async () => {
    const { first, tried, fail } = attempts("ab");
    timers[0]!.run();
    await fail("b");
    expect(Bun.peek.status(first)).toBe("pending");
    await fail("a");
    expect(tried).toEqual(["a", "b"]);
    await expect(first).rejects.toBe("a");
  });
});
