import { describe, expect, test } from "bun:test";

import { echo } from "../support/echo.ts";
import { measure, type Measuring } from "../support/load.ts";
import { until } from "../support/until.ts";
import { delays } from "../villains/delays.ts";
import { goesSilent } from "../villains/goes-silent.ts";
import { swallows } from "../villains/mutes.ts";

const HOUR = 3_600_000;

describe("an interrupted run", () => {
  const loops: Record<string, Measuring> = {
    "a closed loop": { until: { duration: HOUR } },
    "an open loop": { until: { duration: HOUR }, rate: 2000 },
    "a closed loop of many messages": { until: { messages: 1e9 } },
    "an open loop of many messages": { until: { messages: 1e9 }, rate: 2000 },
  };
  for (const [name, options] of Object.entries(loops)) {
    test(`tells what it measured in ${name}`, async () => {
      await using server = await echo();
      const stop = new AbortController();
      const measuring = measure(server.address, {
        ...options,
        warmup: 0,
        stop: stop.signal,
      });
      await until(() => server.tally.bytes.out > 500 * 64, "it measures");
      stop.abort();
      const { messages, latency, seconds, verdict } = await measuring;
      expect(messages.sent).toBeGreaterThan(400);
      expect(messages.received).toBe(messages.sent);
      expect(latency.count).toBe(messages.received);
      expect(seconds).toBeWithin(0, 10);
      expect(verdict).toBe("pass");
    });
  }

  test("still sends what was due before", async () => {
    await using server = await delays(20);
    const stop = new AbortController();
    const measuring = measure(server.address, {
      connections: 1,
      rate: 200,
      warmup: 0,
      until: { duration: HOUR },
      reply: "raw",
      stop: stop.signal,
    });
    await until(() => server.held.length >= 5, "it measures");
    stop.abort();
    // Some 20 were due until then, and one at a time could be sent.
    const { messages, verdict } = await measuring;
    expect(messages.sent).toBeGreaterThan(15);
    expect(messages.unanswered).toBe(0);
    expect(verdict).toBe("pass");
  });

  test("has measured nothing in its warm-up", async () => {
    await using server = await echo();
    const stop = new AbortController();
    const phases: string[] = [];
    const result = await measure(server.address, {
      rate: 1000,
      warmup: HOUR,
      stop: stop.signal,
      watcher: {
        phase(phase) {
          phases.push(phase);
          if (phase === "warming up") stop.abort();
        },
      },
    });
    expect(result.messages).toEqual({ sent: 0, received: 0, unanswered: 0 });
    expect(result.seconds).toBe(0);
    expect(result.verdict).toBe("fail");
    expect(phases.at(-1)).toBe("finishing");
  });

  test("need not wait for connections that are still to be opened", async () => {
    await using server = await echo();
    const stop = new AbortController();
    const measuring = measure(server.address, {
      connections: 100,
      ramp: HOUR,
      stop: stop.signal,
      reply: "raw",
    });
    // The probe comes before the first of them, whose bytes are echoed.
    await until(() => server.tally.bytes.out > 0, "one is open");
    stop.abort();
    const result = await measuring;
    expect(result.connections.opened).toBeWithin(1, 10);
    expect(result.messages.sent).toBe(0);
  });

  test("sends nothing once it is over, and does not wait for long", async () => {
    await using server = await swallows();
    const stop = new AbortController();
    const started = performance.now();
    const result = await measure(server.address, {
      connections: 8,
      until: { duration: HOUR },
      timeout: HOUR,
      reply: "raw",
      stop: stop.signal,
      watcher: { phase: (phase) => phase === "warming up" && stop.abort() },
    });
    expect(result.messages.sent).toBe(0);
    expect(
      server.sockets.reduce((sum, { bytesRead }) => sum + bytesRead, 0),
    ).toBe(0);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  test("says so when it had opened none", async () => {
    await using server = await echo();
    await expect(
      measure(server.address, { stop: AbortSignal.abort() }),
    ).rejects.toMatchObject({ code: "EINTR" });
  });

  test("does not wait for a server that it is still asking", async () => {
    await using server = await swallows();
    const stop = new AbortController();
    const phases: string[] = [];
    const measuring = measure(server.address, {
      connectTimeout: HOUR,
      stop: stop.signal,
      watcher: { phase: (phase) => phases.push(phase) },
    });
    await until(() => server.sockets.length > 0, "it was asked");
    stop.abort();
    await expect(measuring).rejects.toMatchObject({
      code: "EINTR",
      message: `cannot tell what ${server.address} answers: it was interrupted (EINTR)`,
    });
    expect(phases).toEqual(["opening"]);
  });

  test("has nothing against a server that was not given the time", async () => {
    await using server = await delays(5000);
    for (const rate of [undefined, 40]) {
      const stop = new AbortController();
      const before = server.sockets.length;
      const measuring = measure(server.address, {
        connections: 2,
        ...(rate && { rate }),
        warmup: 0,
        until: { duration: HOUR },
        reply: "raw",
        stop: stop.signal,
      });
      const asked = () =>
        server.sockets.slice(before).filter((one) => one.bytesRead > 0);
      await until(() => asked().length === 2, "both are asked");
      stop.abort();
      const { messages, reasons, warnings } = await measuring;
      expect(messages.unanswered).toBe(2);
      expect(reasons).toEqual(["it was interrupted before an answer came"]);
      const told = /^\d+ messages had no answer yet when it was interrupted$/m;
      expect(warnings.join("\n")).toMatch(told);
      expect(warnings.join("\n")).not.toContain("could not be sent");
    }
  });

  test("says so where only the last answers were still to come", async () => {
    await using server = await delays(5000);
    const stop = new AbortController();
    const { warnings } = await measure(server.address, {
      connections: 2,
      warmup: 0,
      until: { duration: 50 },
      reply: "raw",
      stop: stop.signal,
      watcher: { phase: (phase) => phase === "finishing" && stop.abort() },
    });
    expect(warnings[0]).toBe("interrupted while the last answers were awaited");
  });

  test("counts what was due, and could not be sent", async () => {
    await using server = await goesSilent(10 * 64);
    const stop = new AbortController();
    const result = await measure(server.address, {
      connections: 1,
      rate: 100,
      warmup: 0,
      timeout: 1500,
      until: { messages: 1000 },
      reply: "raw",
      reconnect: false,
      stop: stop.signal,
      watcher: { second: () => stop.abort() },
    });
    expect(result.messages).toEqual({
      sent: 11,
      received: 10,
      unanswered: 1,
    });
    expect(result.warnings.join()).toMatch(
      /\d+ messages could not be sent, since no connection was free/,
    );
    expect(result.verdict).toBe("fail");
  });
});
