import { afterEach, beforeEach, expect, jest, test } from "bun:test";

import { History } from "../../src/admin/history.ts";
import { FakeSource } from "../support/fake-source.ts";
import { settled } from "../support/fake-worker.ts";

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

async function pass(seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    jest.advanceTimersByTime(1000);
    await settled();
  }
}

function historyOf(source: FakeSource) {
  source.now = () => Date.now();
  const history = new History(source);
  history.start();
  const start = Date.now();
  return { history, at: (second: number) => start + second * 1000 };
}

test("History keeps a sample of each second, of the last ten minutes", async () => {
  const source = new FakeSource(3);
  const { history, at } = historyOf(source);
  source.peers[0]!.stalled = true;
  await pass(1);
  const [bytesIn, bytesOut] = [29_999_400, 29_999_400];
  expect(history.samples).toEqual([[at(1), bytesIn, bytesOut, 3, 1]]);
  source.peers.pop();
  await pass(999);
  expect(history.samples).toHaveLength(600);
  expect(history.samples[0]![0]).toBe(at(401));
  expect(history.samples.at(-1)!.slice(3)).toEqual([2, 1]);
  expect(history.samples.at(-1)![0]).toBe(at(1000));
  expect(source.asked).toEqual([]);
  history.stop();
  expect(jest.getTimerCount()).toBe(0);
});

test("History leaves out what can't be told, and waits for what takes long", async () => {
  const source = new FakeSource(3);
  const { history, at } = historyOf(source);
  const counts = source.counts.bind(source);
  source.counts = () => Promise.reject(new Error("no worker answers"));
  await pass(2);
  const { promise, resolve } = Promise.withResolvers<void>();
  let asked = 0;
  source.counts = async () => {
    asked += 1;
    await promise;
    return counts();
  };
  await pass(3);
  expect(asked).toBe(1);
  resolve();
  await settled();
  source.counts = counts;
  await pass(1);
  expect(history.samples.map(([one]) => one)).toEqual([at(5), at(6)]);
  history.stop();
});
