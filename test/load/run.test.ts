import { describe, expect, test } from "bun:test";

import { formatEndpoint } from "../../src/address/endpoint.ts";
import { startServer } from "../../src/server/server.ts";
import { echo } from "../support/echo.ts";
import { temporaryFolder } from "../support/folder.ts";
import { measure, type Measuring } from "../support/load.ts";
import { transports } from "../support/transports.ts";
import { delays } from "../villains/delays.ts";

describe("run() sends exactly as many messages as were asked for", () => {
  const loops: Record<string, Measuring> = {
    "one at a time": { connections: 1 },
    "fewer than there are connections": { until: { messages: 3 } },
    "without a warm-up": { warmup: 0 },
    "several in flight": { pipeline: 8, until: { messages: 1000 } },
    "of one byte": { size: 1, pipeline: 16, until: { messages: 1000 } },
    "of more bytes than the block has": {
      size: 3 * 1024 * 1024,
      until: { messages: 10 },
    },
    "at a rate": { rate: 2000, until: { messages: 200 } },
    "at a rate, several in flight": {
      rate: 2000,
      pipeline: 4,
      connections: 2,
      until: { messages: 200 },
    },
    "at random times": { rate: 2000, arrivals: "poisson" },
    "while connections open": { ramp: 50 },
    "at a rate that is raised": { rate: 2000, ramp: 50, connections: 1 },
  };
  for (const [name, options] of Object.entries(loops)) {
    test(name, async () => {
      await using server = await echo();
      const result = await measure(server.address, options);
      const { messages } = result.options;
      expect(result).toMatchObject({
        messages: { sent: messages, received: messages, unanswered: 0 },
        latency: { count: messages },
        service: { count: messages },
        pacing: { count: options.rate === undefined ? 0 : messages },
        errors: {},
        verdict: "pass",
      });
    });
  }
});

describe("run() measures over", () => {
  for (const { name, address, target, skip } of transports) {
    test.skipIf(skip)(name, async () => {
      await using folder = await temporaryFolder();
      const addresses = [address(folder.path("."))];
      await using server = await startServer({ addresses, reply: "stamp" });
      const goal = target(server.addresses[0]!);
      const result = await measure(formatEndpoint(goal));
      expect(result.reply).toBe("stamp");
      expect(result.messages.received).toBe(100);
      expect(result.verdict).toBe("pass");
    });
  }
});

test("run() knows a stamping server, however chunks are split and merged", async () => {
  await using server = await echo("stamp");
  const result = await measure(server.address, {
    pipeline: 32,
    size: 10_000,
    until: { messages: 2000 },
  });
  expect(result.reply).toBe("stamp");
  expect(result.bytes).toEqual({
    sent: 20_000_000,
    received: 20_000_000,
    mismatched: 0,
  });
  expect(result.verdict).toBe("pass");
});

test("run() sends at the rate, and counts what was due while it measured", async () => {
  await using server = await echo();
  const duration = 300;
  const result = await measure(server.address, {
    rate: 2000,
    until: { duration },
    warmup: 100,
  });
  // Whether the first and the last are in is the clock's last digit's to say.
  expect(result.messages.sent).toBeWithin(599, 602);
  expect(result.messages.received).toBe(result.messages.sent);
  expect(result.rate.messages * result.seconds).toBeWithin(500, 700);
  expect(result.connections.latency.count).toBe(4);
  expect(result.connections.firstByte.count).toBe(4);
  expect(result.seconds).toBeGreaterThanOrEqual(0.3);
});

test("run() begins a raised rate's measuring when the rate is full", async () => {
  await using server = await echo();
  const result = await measure(server.address, {
    rate: 1000,
    ramp: 200,
    warmup: 0,
    connections: 2,
    until: { duration: 200 },
  });
  expect(result.messages.sent).toBeWithin(199, 202);
});

test("run() ends soon where the next message would be due much later", async () => {
  await using server = await echo();
  const started = performance.now();
  await measure(server.address, { rate: 0.01, until: { duration: 50 } });
  expect(performance.now() - started).toBeLessThan(5000);
});

test("run() tells seconds that add up, and its phases in order", async () => {
  await using server = await echo();
  const phases: string[] = [];
  const seconds: number[] = [];
  const result = await measure(server.address, {
    rate: 500,
    warmup: 30,
    until: { duration: 1100 },
    watcher: {
      phase: (phase) => phases.push(phase),
      second: ({ second }) => seconds.push(second),
    },
  });
  expect(phases).toEqual(["opening", "warming up", "measuring", "finishing"]);
  expect(seconds).toEqual([1, 2]);
  const { series, rate } = result;
  const messages = series.reduce((sum, one) => sum + one.messages, 0);
  expect(messages / result.seconds).toBeCloseTo(rate.messages, 0);
  expect(series[0]!.messages).toBeWithin(300, 701);
  expect(series[1]!.p50).not.toBeNull();
});

test("run() does not count in its rate what comes back after its end", async () => {
  await using server = await delays(400);
  const result = await measure(server.address, {
    connections: 8,
    warmup: 0,
    until: { duration: 600 },
    reply: "raw",
  });
  // Each has its first answer in time, and its second too late.
  expect(result.messages).toEqual({ sent: 16, received: 16, unanswered: 0 });
  expect(result.series).toMatchObject([{ messages: 8 }]);
  expect(result.rate.messages * result.seconds).toBeCloseTo(8, 0);
});

test("run() opens thousands of connections, and loses none", async () => {
  await using server = await echo();
  const started = performance.now();
  const result = await measure(server.address, {
    connections: 2000,
    until: { messages: 4000 },
  });
  expect(result.connections).toMatchObject({ opened: 2000, lost: 0 });
  expect(result.messages.received).toBe(4000);
  expect(result.verdict).toBe("pass");
  expect(performance.now() - started).toBeLessThan(15_000);
});
