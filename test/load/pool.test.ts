import { expect, test } from "bun:test";

import { measure } from "../support/load.ts";
import { resetsAfter } from "../villains/quitters.ts";
import { type Villain, villain } from "../villains/villain.ts";

test("a lost connection is replaced, until all messages are sent", async () => {
  await using server = await resetsAfter(10 * 64);
  const result = await measure(server.address, {
    connections: 2,
    warmup: 0,
    until: { messages: 50 },
    timeout: 500,
    reply: "raw",
  });
  const { connections, messages, errors } = result;
  expect(messages.sent).toBe(50);
  expect(errors).toEqual({ ECONNRESET: connections.lost });
  expect(messages.unanswered).toBe(connections.lost);
  expect(connections.opened).toBeWithin(4, 7);
  expect(connections.latency.count).toBe(connections.opened);
  expect(result.verdict).toBe("fail");
});

/** Answers nobody, and tells when it was tried. */
async function refuser() {
  const tried: number[] = [];
  const server = await villain((socket) => {
    tried.push(performance.now());
    socket.end();
  });
  return Object.assign(server, { tried });
}

test("a server that accepts, and answers nothing, is asked less and less often", async () => {
  await using server = await refuser();
  await measure(server.address, {
    connections: 1,
    warmup: 0,
    until: { duration: 800 },
    reply: "raw",
  });
  // The first was the probe.
  const [, ...tried] = server.tried;
  expect(tried.length).toBeWithin(3, 6);
  const gaps = tried.slice(1).map((at, n) => at - tried[n]!);
  gaps.forEach((gap, n) => expect(gap).toBeGreaterThan(100 * 2 ** n - 10));
});

test("a lost connection is not replaced where that is not wanted", async () => {
  await using server = await resetsAfter(64);
  const result = await measure(server.address, {
    connections: 3,
    warmup: 0,
    until: { messages: 1000 },
    reply: "raw",
    reconnect: false,
  });
  expect(result.connections).toMatchObject({ opened: 3, lost: 3 });
  expect(result.messages).toEqual({ sent: 6, received: 3, unanswered: 3 });
  expect(result.warnings).toContain(
    "connections were lost: 3 opened, 3 lost, 3 planned",
  );
});

test("a server that is gone for good ends a number of messages", async () => {
  let left = 100;
  await using server: Villain = await villain((socket) =>
    socket.on("data", (chunk: Buffer) => {
      left -= 1;
      if (left > 0) socket.write(chunk);
      else void server[Symbol.asyncDispose]();
    }),
  );
  const result = await measure(server.address, {
    connections: 2,
    warmup: 0,
    until: { messages: 1_000_000 },
    connectTimeout: 300,
    reply: "raw",
  });
  expect(result.connections).toMatchObject({ opened: 2, lost: 2 });
  expect(result.errors["ECONNREFUSED"]).toBeGreaterThan(0);
  expect(result.messages).toMatchObject({ received: 99, unanswered: 2 });
  expect(result.verdict).toBe("fail");
});

test("a server that is gone after the probe is told with its cause", async () => {
  let probed = false;
  using listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open() {
        probed = true;
        listener.stop();
      },
      data() {},
    },
  });
  const address = `127.0.0.1:${listener.port}`;
  await expect(
    measure(address, { connections: 3, reply: "raw" }),
  ).rejects.toMatchObject({
    code: "ECONNREFUSED",
    message: expect.stringMatching(
      /^cannot open any of 3 connections to .*:\d+: .*ECONNREFUSED/,
    ),
  });
  expect(probed).toBe(true);
});

test("a connection lost in the warm-up is told, and replaced", async () => {
  await using server = await resetsAfter(64);
  const result = await measure(server.address, {
    connections: 1,
    warmup: 50,
    until: { duration: 200 },
    reply: "raw",
  });
  expect(result.connections.opened).toBeGreaterThanOrEqual(2);
  expect(result.errors["ECONNRESET"]).toBe(result.connections.lost);
});
