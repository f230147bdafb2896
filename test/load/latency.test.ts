import { expect, test } from "bun:test";

import { decode, type Times } from "../../src/result/times.ts";
import { measure } from "../support/load.ts";
import { delays } from "../villains/delays.ts";
import { freezes } from "../villains/freezes.ts";

/** A time at a percentile, in milliseconds. */
function at(times: Times, percentile: number): number {
  return decode(times.histogram).getValueAtPercentile(percentile) / 1000;
}

function percentileOf(values: number[], percentile: number): number {
  const rank = Math.ceil((percentile / 100) * values.length);
  return values.toSorted((a, b) => a - b)[rank - 1]!;
}

test("latency is the server's delay, within a millisecond", async () => {
  // Half of the messages take 5 ms, four in ten 20 ms, and one in ten 50 ms.
  const list = [5, 20, 5, 20, 5, 20, 5, 20, 5, 50];
  await using server = await delays(...list);
  const result = await measure(server.address, {
    connections: 64,
    rate: 300,
    warmup: 100,
    until: { duration: 1000 },
    reply: "raw",
  });
  // A machine that was busy was so when a message was sent and when it came
  // back, too.
  const allowed = 1 + 2 * Math.max(...server.late);
  for (const times of [result.latency, result.service]) {
    for (const percentile of [25, 75, 95]) {
      const held = percentileOf(server.held, percentile);
      expect(at(times, percentile)).toBeGreaterThan(held - allowed);
      expect(at(times, percentile)).toBeLessThan(held + allowed);
    }
  }
  expect(result.verdict).toBe("pass");
});

test("a server that freezes cannot hide behind a generator that waits for it", async () => {
  const rate = 200;
  const before = 100;
  await using server = await freezes(before, 1000);
  const result = await measure(server.address, {
    connections: 8,
    rate,
    warmup: 50,
    until: { duration: 2500 },
    reply: "raw",
  });
  const { latency, service, pacing, messages } = result;
  expect(messages).toMatchObject({ unanswered: 0 });
  expect(messages.sent).toBeWithin(499, 502);

  // One that was due x after it froze had to wait for what was left of that.
  const frozen = server.thawed - server.froze;
  const waits = Array.from({ length: 500 }, (_, n) =>
    Math.max(frozen - (n * 1000) / rate, 0),
  );
  // And then for those before it, and for the machine if that was busy.
  const last = before + Math.ceil((frozen * rate) / 1000);
  const catchingUp = server.arrivals[last]! - server.thawed;
  const allowed = 20 + catchingUp + 2 * at(pacing, 100);
  for (const percentile of [80, 90, 99, 100]) {
    const expected = percentileOf(waits, percentile);
    expect(at(latency, percentile)).toBeGreaterThan(expected - allowed);
    expect(at(latency, percentile)).toBeLessThan(expected + allowed);
  }
  expect(at(latency, 50)).toBeLessThan(frozen / 2);

  // By the other measure only what was in flight then, 8 of 500, was slow.
  expect(at(service, 100)).toBeGreaterThan(frozen - 20);
  expect(at(service, 97)).toBeLessThan(frozen / 2);
  // It was the server that was late, not the generator.
  expect(at(pacing, 90)).toBeLessThan(frozen / 4);
});
