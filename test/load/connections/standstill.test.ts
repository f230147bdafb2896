import { describe, expect, test } from "bun:test";
import { setImmediate } from "node:timers/promises";

import type { Result } from "../../../src/result/result.ts";
import { Standstill } from "../../../src/load/connections/standstill.ts";
import { Waiting } from "../../../src/load/waiting.ts";
import { Program, sounder } from "../../support/cli.ts";
import { echo } from "../../support/echo.ts";
import { measure } from "../../support/load.ts";
import { until } from "../../support/until.ts";
import { swallows } from "../../villains/mutes.ts";

const never = new AbortController().signal;

describe("Standstill", () => {
  test("tells the longest time between two looks, where it was noticeable", () => {
    const standstill = new Standstill(1000);
    for (const now of [1050, 1100, 1290]) standstill.look(now);
    expect(standstill.longest).toBe(0);
    expect(standstill.endedAt).toBe(-Infinity);
    expect(standstill.longestBy(1480)).toBe(0);
    expect(standstill.longestBy(1500)).toBe(210);
    standstill.look(1790);
    standstill.look(2090);
    expect(standstill).toMatchObject({ longest: 500, endedAt: 2090 });
    expect(standstill.longestBy(2100)).toBe(500);
    expect(standstill.longestBy(2700)).toBe(610);
    expect(standstill.lookedAt).toBe(2090);
  });
});

describe("Waiting", () => {
  test("ends as soon as there is nothing to wait for", async () => {
    let done = false;
    setTimeout(() => (done = true), 20);
    const waiting = new Waiting({ stop: never, cut: never });
    await waiting.for(() => done, 3_600_000);
    expect(done).toBe(true);
    expect(waiting.hurried).toBe(false);
  });

  test("takes as long as its patience", async () => {
    const began = performance.now();
    const waiting = new Waiting({ stop: never, cut: never });
    await waiting.for(() => false, 60);
    expect(performance.now() - began).toBeGreaterThanOrEqual(59);
    expect(waiting.hurried).toBe(false);
  });

  test("has a second in all once it is stopped, and none once it is cut", async () => {
    const [stop, cut] = [new AbortController(), new AbortController()];
    const waiting = new Waiting({ stop: stop.signal, cut: cut.signal });
    setTimeout(() => stop.abort(), 20);
    const began = performance.now();
    await waiting.for(() => false, 3_600_000);
    expect(performance.now() - began).toBeGreaterThanOrEqual(1000);
    expect(waiting.hurried).toBe(true);
    // The second is used up: the next has none left.
    await waiting.for(() => false, 3_600_000);

    const other = new Waiting({ stop: stop.signal, cut: cut.signal });
    setTimeout(() => cut.abort(), 20);
    await other.for(() => false, 3_600_000);
    expect(other.hurried).toBe(true);
  });

  test("does not count a time in which it could not see what came", async () => {
    let done = false;
    const waiting = new Waiting({ stop: never, cut: never });
    const waited = waiting.for(() => done, 200);
    Bun.sleepSync(400);
    await setImmediate();
    // What came meanwhile is read now.
    setTimeout(() => (done = true), 20);
    await waited;
    expect(done).toBe(true);
  });
});

for (const loop of ["closed", "open"]) {
  test(`answers that came while a ${loop} loop stood still are no timeouts`, async () => {
    await using server = await echo();
    const flags = loop === "open" ? ["-r500"] : [];
    await using program = new Program(
      sounder(
        "load",
        server.address,
        "-c4",
        "-d3s",
        "--warmup=0s",
        "--timeout=1s",
        "--json=-",
        ...flags,
      ),
    );
    await until(() => server.tally.bytes.out > 3000, "it sends");
    program.child.kill("SIGSTOP");
    // Its messages are overdue by then, and their answers wait to be read.
    await Bun.sleep(1700);
    program.child.kill("SIGCONT");
    const result: Result = await program.child.stdout.json();
    expect(await program.ended()).toBe(0);
    expect(program.said).toBe("");
    expect(result.errors).toEqual({});
    expect(result.messages.unanswered).toBe(0);
    expect(result.warnings.join("\n")).toMatch(
      /the generator itself stood still, for up to [\d.]+ s: /,
    );
  });
}

test("a message that is never answered is given up, after a standstill too", async () => {
  await using server = await swallows();
  const measuring = measure(server.address, {
    connections: 2,
    warmup: 0,
    until: { messages: 2 },
    timeout: 100,
    reply: "raw",
    reconnect: false,
  });
  const sent = () => server.sockets.some(({ bytesRead }) => bytesRead > 0);
  await until(sent, "it sends");
  Bun.sleepSync(300);
  const { errors, failures, messages } = await measuring;
  expect(errors).toEqual({ ETIMEDOUT: 2 });
  expect(messages).toEqual({ sent: 2, received: 0, unanswered: 2 });
  for (const failure of failures!) {
    expect(failure).toMatchObject({ code: "ETIMEDOUT", byte: 0 });
    // The standstill is none of the time it was given.
    expect(failure.silence).toBeGreaterThan(0.38);
  }
});
