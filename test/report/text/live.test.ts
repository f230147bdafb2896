import { expect, test } from "bun:test";

import { type LiveState, liveView } from "../../../src/report/text/live.ts";

const state: LiveState = {
  target: "127.0.0.1:21567  trying 49,500/s",
  phase: "measuring",
  done: 0.5,
  left: 12_300,
  size: 64,
  last: { messages: 36_000, p50: 80, p99: 142, max: null },
  history: [18_000, 36_000, 9000],
  errors: 12,
  goals: [
    { goal: "p99<2ms", measured: 142, met: true },
    { goal: "errors<0.1%", measured: 0.003, met: false },
    { goal: "p99.99<5ms", measured: null, met: false },
  ],
  tried: [16_500, 33_000, 66_000].map((rate, index) => ({
    rate,
    achieved: rate,
    p50: 40,
    p90: 50,
    p99: 1000 * (index + 1),
    p999: null,
    p9999: null,
    max: 9000,
    met: index < 2,
  })),
};

const wide = { columns: 80, colour: false };

test("liveView() names what it shows, goals and past steps too", () => {
  const [title, progress, ...lines] = liveView(state, wide).split("\n");
  expect(title).toBe("127.0.0.1:21567  trying 49,500/s  measuring");
  expect(progress).toEndWith("  50 %  12.3 s left");
  expect(lines).toEqual([
    "rate     36,000/s  2.30 MB/s",
    "latency  p50 80 µs  p99 142 µs  max –",
    "seconds  ▄█▂  up to 36,000/s",
    "goals    ✓ p99<2ms  142 µs",
    "         ✗ errors<0.1%  0.3 %",
    "         · p99.99<5ms  –",
    "tried    ✓ 16,500/s  p99 1.00 ms",
    "         ✓ 33,000/s  p99 2.00 ms",
    "         ✗ 66,000/s  p99 3.00 ms",
    "errors   12",
  ]);
});

test("liveView() shows no more steps than there is room for", () => {
  const tried = Array.from({ length: 24 }, () => state.tried[0]!);
  const lines = liveView({ ...state, tried }, wide).split("\n");
  expect(lines.filter((line) => line.includes("16,500/s"))).toHaveLength(6);
});

test("liveView() leaves out what there is none of", () => {
  const before: LiveState = {
    ...state,
    phase: "opening",
    done: null,
    last: undefined,
    goals: [],
    tried: [],
    errors: 0,
  };
  expect(liveView(before, wide)).toBe(
    "127.0.0.1:21567  trying 49,500/s  opening",
  );
});

test("liveView() has names above their lines where it is narrow", () => {
  const text = liveView(state, { columns: 30, colour: false });
  expect(text).toContain("\nlatency\np50 80 µs  p99 142 µs  max –\n");
  expect(text).toStartWith("127.0.0.1:21567  trying\n  49,500/s  measuring\n");
  expect(text).toContain("\ntried\n✓ 16,500/s  p99 1.00 ms\n");
});

test("liveView() lets no goal steer a terminal", () => {
  const goals = [{ goal: "p99<2ms\u001b[2J", measured: 1, met: true }];
  expect(liveView({ ...state, goals }, wide)).not.toContain("\u001b");
});
