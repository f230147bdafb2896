import { afterEach, beforeEach, expect, jest, test } from "bun:test";
import type { monitorEventLoopDelay } from "node:perf_hooks";

import { LoopDelay } from "../../src/inbound/loop-delay.ts";

const SECOND = 1000;
const MS = 1_000_000;

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** A histogram of nanoseconds whose values a test chooses. */
function monitored() {
  const histogram = {
    max: NaN,
    enabled: false,
    resets: 0,
    percentile: (which: number) => (histogram.max * which) / 100,
    enable: () => (histogram.enabled = true),
    disable: () => (histogram.enabled = false),
    reset() {
      histogram.resets += 1;
      histogram.max = NaN;
    },
  };
  const delay = new LoopDelay(
    () => histogram as unknown as ReturnType<typeof monitorEventLoopDelay>,
  );
  return { histogram, delay };
}

test("LoopDelay begins with the first look, and tells seconds", () => {
  const { histogram, delay } = monitored();
  expect(histogram.enabled).toBe(false);
  expect(delay.read()).toEqual({ p50: 0, p99: 0, max: 0 });
  expect(histogram.enabled).toBe(true);
  histogram.max = 200 * MS;
  expect(delay.read()).toEqual({ p50: 0.1, p99: 0.198, max: 0.2 });
  delay.stop();
  expect(histogram.enabled).toBe(false);
});

test("LoopDelay remembers a delay for 15 to 30 seconds", () => {
  const { histogram, delay } = monitored();
  delay.read();
  histogram.max = 200 * MS;
  jest.advanceTimersByTime(14 * SECOND);
  expect(delay.read().max).toBe(0.2);
  expect(histogram.resets).toBe(0);
  jest.advanceTimersByTime(1 * SECOND);
  expect(delay.read().max).toBe(0.2);
  expect(histogram.resets).toBe(1);
  // Of this window, less; of the one before, it is still known.
  histogram.max = 3 * MS;
  jest.advanceTimersByTime(14 * SECOND);
  expect(delay.read()).toMatchObject({ p50: 0.1, max: 0.2 });
  jest.advanceTimersByTime(1 * SECOND);
  expect(delay.read().max).toBe(0.2);
  expect(histogram.resets).toBe(2);
  expect(delay.read()).toEqual({ p50: 0.0015, p99: 0.00297, max: 0.003 });
});
