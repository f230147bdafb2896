import {
  afterEach,
  beforeEach,
  describe,
  expect,
  jest,
  spyOn,
  test,
} from "bun:test";
import * as fc from "fast-check";

import { Deadlines } from "../../src/socket/deadlines.ts";

const TIME = 10_000;
const SECOND = 1000;

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** Deadlines, and who missed them. */
function watched(time = TIME) {
  const missed: string[] = [];
  const deadlines = new Deadlines<string>(time, (item) => missed.push(item));
  return { deadlines, missed };
}

describe("Deadlines", () => {
  test("add() gives each its whole time, and no second more", () => {
    const { deadlines, missed } = watched();
    deadlines.add("first");
    jest.advanceTimersByTime(3 * SECOND);
    deadlines.add("second");
    jest.advanceTimersByTime(7 * SECOND - 1);
    expect(missed).toEqual([]);
    jest.advanceTimersByTime(SECOND);
    expect(missed).toEqual(["first"]);
    expect(deadlines.size).toBe(1);
    jest.advanceTimersByTime(2 * SECOND);
    expect(missed).toEqual(["first"]);
    jest.advanceTimersByTime(SECOND);
    expect(missed).toEqual(["first", "second"]);
    expect(deadlines.size).toBe(0);
  });

  test("remove() spares one, and the others are not forgotten", () => {
    const { deadlines, missed } = watched();
    deadlines.add("in time");
    deadlines.add("late");
    jest.advanceTimersByTime(TIME - 1);
    expect(deadlines.remove("in time")).toBe(true);
    expect(deadlines.remove("in time")).toBe(false);
    jest.advanceTimersByTime(SECOND);
    expect(missed).toEqual(["late"]);
    expect(deadlines.remove("late")).toBe(false);
  });

  test("all are told within a second, whenever they come and go", () => {
    const pauses = fc.array(
      fc.record({ before: fc.nat({ max: 4000 }), stays: fc.boolean() }),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(pauses, (arrivals) => {
        const told = new Map<number, number>();
        const deadlines = new Deadlines<number>(TIME, (item) =>
          told.set(item, performance.now()),
        );
        const due = new Map<number, number>();
        for (const [item, { before, stays }] of arrivals.entries()) {
          jest.advanceTimersByTime(before);
          deadlines.add(item);
          if (stays) due.set(item, performance.now() + TIME);
          else deadlines.remove(item);
        }
        jest.advanceTimersByTime(TIME + SECOND);
        expect([...told.keys()]).toEqual([...due.keys()]);
        for (const [item, at] of told) {
          const late = at - due.get(item)!;
          expect(late).toBeGreaterThanOrEqual(0);
          expect(late).toBeLessThan(SECOND);
        }
        expect(jest.getTimerCount()).toBe(0);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  test("one timer serves many, and few are made", () => {
    const { deadlines } = watched();
    const timers = spyOn(globalThis, "setTimeout");
    for (let item = 0; item < 1000; item += 1) {
      deadlines.add(String(item));
      jest.advanceTimersByTime(1);
      if (item % 2 === 0) deadlines.remove(String(item));
    }
    expect(jest.getTimerCount()).toBe(1);
    jest.advanceTimersByTime(2 * TIME);
    expect(deadlines.size).toBe(0);
    expect(timers.mock.calls.length).toBeLessThan(10);
    timers.mockRestore();
  });

  test("shorten() leaves nobody more, and nobody longer than before", () => {
    const { deadlines, missed } = watched();
    deadlines.add("almost over");
    jest.advanceTimersByTime(TIME - 500);
    deadlines.add("just begun");
    deadlines.shorten(SECOND);
    jest.advanceTimersByTime(SECOND - 1);
    expect(missed).toEqual(["almost over"]);
    jest.advanceTimersByTime(SECOND);
    expect(missed).toEqual(["almost over", "just begun"]);
    expect(jest.getTimerCount()).toBe(0);
  });

  test("shorten() never gives more again", () => {
    const { deadlines, missed } = watched();
    deadlines.add("one");
    deadlines.shorten(SECOND);
    deadlines.shorten(5 * SECOND);
    deadlines.add("another");
    jest.advanceTimersByTime(SECOND + 500);
    expect(missed).toEqual(["one", "another"]);
  });

  test("oldest is who has been waited for for longest", () => {
    const { deadlines } = watched();
    expect(deadlines.oldest).toBeUndefined();
    for (const item of ["one", "two", "three"]) deadlines.add(item);
    expect(deadlines.oldest).toBe("one");
    deadlines.remove("one");
    expect(deadlines.oldest).toBe("two");
  });

  test("takeAll() tells nobody, and stops the timer", () => {
    const { deadlines, missed } = watched();
    deadlines.add("one");
    deadlines.add("two");
    expect(deadlines.takeAll()).toEqual(["one", "two"]);
    expect(deadlines.size).toBe(0);
    expect(jest.getTimerCount()).toBe(0);
    jest.advanceTimersByTime(2 * TIME);
    expect(missed).toEqual([]);
  });
});
