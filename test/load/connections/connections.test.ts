import { describe, expect, test } from "bun:test";

import { connect } from "node:net";

import { selfSigned } from "../../../src/inbound/self-signed.ts";
import { measure } from "../../support/load.ts";
import { until } from "../../support/until.ts";
import { goesSilent } from "../../villains/goes-silent.ts";
import { swallows } from "../../villains/mutes.ts";
import { slamsTheDoor } from "../../villains/quitters.ts";
import { type Villain, villain } from "../../villains/villain.ts";
import { resetsAfter, finishesAfter } from "../../villains/faulty.ts";

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
  expect(result.seconds).toBeLessThan(30);
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
  const stop = new AbortController();
  const measuring = measure(server.address, {
    connections: 1,
    warmup: 0,
    until: { duration: 3_600_000 },
    reply: "raw",
    stop: stop.signal,
  });
  // The first was the probe.
  await until(() => server.tried.length >= 5, "it is tried some times");
  stop.abort();
  await measuring;
  const [, ...tried] = server.tried;
  const gaps = tried.slice(1).map((at, n) => at - tried[n]!);
  gaps.forEach((gap, n) => expect(gap).toBeGreaterThan(100 * 2 ** n - 10));
});

test("connections whose handshake did not end are closed", async () => {
  let probed = 0;
  await using server = await villain((socket) => {
    socket.resume();
    probed += 1;
  });
  const isOpen = () => server.sockets.filter((one) => !one.closed).length;
  await expect(
    measure(`tls://${server.address}`, {
      connections: 5,
      connectTimeout: 200,
      reply: "raw",
    }),
  ).rejects.toMatchObject({ code: "ETIMEDOUT" });
  expect(probed).toBe(1);
  await until(() => isOpen() === 0, "the probe's is closed");
});

test("connections whose handshake did not end are closed, and replaced", async () => {
  const identity = await selfSigned();
  let handshakes = 0;
  using server = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    tls: identity,
    allowHalfOpen: true,
    socket: {
      data: (socket, chunk) => void socket.write(chunk),
      end: (socket) => void socket.end(),
    },
  });
  // In front of it, all but every second connection lead nowhere.
  await using door = await villain((socket) => {
    handshakes += 1;
    if (handshakes % 2 === 0) return void socket.resume();
    const inner = connect(server.port, "127.0.0.1");
    inner.on("error", () => {});
    socket.pipe(inner).pipe(socket);
  });
  const result = await measure(`tls://${door.address}`, {
    connections: 4,
    warmup: 0,
    until: { duration: 1200 },
    connectTimeout: 200,
    reply: "raw",
    approach: { tls: { insecure: true } },
  });
  expect(result.errors["ETIMEDOUT"]).toBeGreaterThan(1);
  const open = () => door.sockets.filter((one) => !one.closed);
  await until(() => open().length === 0, "all are closed");
});

test("a connection whose TLS breaks is lost, and nothing else", async () => {
  using server = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    tls: await selfSigned(),
    allowHalfOpen: true,
    socket: {
      data: (socket, chunk) => void socket.write(chunk),
      end: (socket) => void socket.end(),
    },
  });
  await using door = await villain((socket) => {
    const inner = connect(server.port, "127.0.0.1");
    inner.on("error", () => {});
    inner.on("end", () => socket.end());
    let chunks = 0;
    inner.on("data", (chunk: Buffer) => {
      chunks += 1;
      if (chunks === 30) chunk[chunk.length - 1]! ^= 1;
      socket.write(chunk);
    });
    socket.pipe(inner);
  });
  const result = await measure(`tls://${door.address}`, {
    connections: 2,
    warmup: 0,
    until: { messages: 100 },
    reply: "raw",
    approach: { tls: { insecure: true } },
  });
  expect(result.connections.lost).toBeGreaterThan(1);
  expect(result.errors).toEqual({ ECONNRESET: result.connections.lost });
  expect(result.messages.sent).toBe(100);
  expect(result.bytes.mismatched).toBe(0);
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
  expect(result.warnings[1]).toStartWith(
    "connections were lost: 3 opened, 3 lost, 3 planned",
  );
  expect(result.warnings).toContain(
    "994 messages could not be sent: no connection was left",
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

describe("what is lost in the warm-up", () => {
  test("does not count, and is told", async () => {
    await using server = await finishesAfter(64);
    const result = await measure(server.address, {
      connections: 8,
      warmup: 300,
      until: { messages: 8 },
      reply: "raw",
    });
    expect(result).toMatchObject({
      connections: { lost: 0 },
      messages: { sent: 8, received: 8 },
      errors: {},
      verdict: "pass",
    });
    expect(result.warnings.join("\n")).toMatch(
      /^in the warm-up, which does not count: \d+ connections lost: \d+ × EEARLY/m,
    );
    expect(result.failures![0]!.at).toBeLessThan(0);
  });

  test("is the reason where nothing is left to measure", async () => {
    await using server = await finishesAfter(64);
    const { reasons, verdict } = await measure(server.address, {
      connections: 8,
      warmup: 300,
      until: { messages: 8 },
      reply: "raw",
      reconnect: false,
    });
    expect(verdict).toBe("fail");
    expect(reasons![0]).toMatch(
      /^nothing came back: 8 connections lost in the warm-up: 8 × EEARLY \(/,
    );
  });

  test("counts where no connection was ever served", async () => {
    await using server = await swallows();
    const { errors, connections } = await measure(server.address, {
      connections: 2,
      warmup: 500,
      timeout: 100,
      until: { duration: 50 },
      reply: "raw",
      reconnect: false,
    });
    expect(errors).toEqual({ ETIMEDOUT: 2 });
    expect(connections.lost).toBe(2);
  });
});

test("a server may finish a connection on which it owes nothing", async () => {
  await using server = await finishesAfter(64);
  const result = await measure(server.address, {
    connections: 8,
    rate: 50,
    warmup: 0,
    until: { messages: 8 },
    reply: "raw",
  });
  expect(result).toMatchObject({
    connections: { lost: 0 },
    messages: { sent: 8, received: 8 },
    errors: {},
    reasons: [],
  });
  const told = result.warnings.join("\n");
  expect(told).toMatch(/^the server finished \d connections between messages/m);
  expect(told).not.toContain("served at once");
  expect(told).not.toContain("connections were");
});

test("connections that are finished, and not replaced, leave none", async () => {
  await using server = await finishesAfter(64);
  const { reasons, warnings } = await measure(server.address, {
    connections: 2,
    rate: 50,
    warmup: 0,
    until: { messages: 8 },
    reply: "raw",
    reconnect: false,
  });
  expect(warnings).toContain(
    "connections were not replaced: 2 opened, 0 lost, 2 planned",
  );
  expect(reasons).toEqual(["6 messages could not be sent"]);
});

test("a connection that was finished before it was used was turned away", async () => {
  await using server = await slamsTheDoor();
  const { errors, connections } = await measure(server.address, {
    connections: 3,
    warmup: 0,
    until: { messages: 3 },
    reply: "raw",
    reconnect: false,
  });
  expect(errors["EEARLY"] ?? errors["ECONNRESET"]).toBeGreaterThan(0);
  expect(connections.lost).toBe(3);
});

test("a server may finish once all is answered", async () => {
  for (const quits of [finishesAfter, resetsAfter]) {
    await using server = await quits(64);
    const result = await measure(server.address, {
      connections: 8,
      warmup: 0,
      until: { messages: 8 },
      reply: "raw",
    });
    expect(result).toMatchObject({
      connections: { opened: 8, lost: 0 },
      messages: { sent: 8, received: 8 },
      errors: {},
      verdict: "pass",
    });
  }
});

test("a server that finishes with an answer outstanding has lost it", async () => {
  await using server = await finishesAfter(64);
  const result = await measure(server.address, {
    connections: 4,
    warmup: 0,
    until: { messages: 8 },
    reply: "raw",
    reconnect: false,
  });
  expect(result.messages).toEqual({ sent: 8, received: 4, unanswered: 4 });
  expect(result.errors).toEqual({ EEARLY: 4 });
  expect(result.connections.lost).toBe(4);
  expect(result.verdict).toBe("fail");
});

test("each of the first failures tells when it came", async () => {
  await using server = await goesSilent(640);
  const result = await measure(server.address, {
    connections: 2,
    warmup: 0,
    until: { duration: 700 },
    timeout: 200,
    reply: "raw",
    reconnect: false,
  });
  expect(result.errors).toEqual({ ETIMEDOUT: 2 });
  const numbers = result.failures!.map(({ connection }) => connection);
  expect(numbers.toSorted()).toEqual([0, 1]);
  for (const { code, at, byte, silence } of result.failures!) {
    expect({ code, byte }).toEqual({ code: "ETIMEDOUT", byte: 640 });
    expect(silence).toBeGreaterThanOrEqual(0.15);
    expect(at).toBeGreaterThanOrEqual(silence);
  }
});

test("tells how many were ever served at once", async () => {
  let served = 0;
  // The first was the probe.
  await using server = await villain((socket) => {
    served += 1;
    if (served <= 4) socket.pipe(socket);
    else socket.resume();
  });
  const result = await measure(server.address, {
    connections: 6,
    warmup: 0,
    until: { duration: 600 },
    timeout: 150,
    reply: "raw",
  });
  expect(result.connections.served).toBe(3);
  const told = /; no more than 3 were ever served at once$/m;
  expect(result.warnings.join("\n")).toMatch(told);
  expect(result.reasons!.join("\n")).toMatch(
    /^\d+ connections lost; no more than 3 were ever served at once$/m,
  );
});

test("those that are lost are no longer served", async () => {
  await using server = await resetsAfter(3 * 64);
  const { connections } = await measure(server.address, {
    connections: 1,
    warmup: 0,
    until: { messages: 12 },
    reply: "raw",
  });
  expect(connections.opened).toBeGreaterThan(1);
  expect(connections.served).toBe(1);
});
