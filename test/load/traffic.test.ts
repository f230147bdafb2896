import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { Generator } from "../../src/load/traffic.ts";
import { DEFAULTS, type LoadOptions } from "../../src/load/options.ts";
import { plansOf } from "../../src/load/plan.ts";
import { parseEndpoint } from "../../src/address/endpoint.ts";
import { FakeServer } from "../support/fake-dialler.ts";
import { VirtualTime } from "../support/virtual-time.ts";

const target = parseEndpoint("127.0.0.1:1");
const SIZE = 64;

let time: VirtualTime;
beforeEach(() => void (time = new VirtualTime()));
afterEach(() => time[Symbol.dispose]());

/** A generator with all its connections open, and the server it talks to. */
async function opened(options: Partial<LoadOptions> = {}) {
  const server = new FakeServer();
  const [plan] = plansOf(
    { ...DEFAULTS, target, connections: 1, ...options },
    target,
    "raw",
  );
  const generator = new Generator(plan!, server.dialler);
  await time.until(generator.pool.openAll());
  return { server, generator, wires: server.wires };
}

const sent = ({ writes }: { writes: Buffer[] }) =>
  Buffer.concat(writes).length / SIZE;

describe("answers are", () => {
  test("of a duration: all that come while it is measured", async () => {
    const { server, generator, wires } = await opened({
      until: { duration: 1000 },
    });
    generator.start(time.now);
    server.echo(wires[0]!);
    expect(generator.answers).toBe(0);
    await time.pass(1);
    generator.countFrom = time.now;
    // Sent before, in answer to the warm-up: it comes while it is measured.
    server.echo(wires[0]!);
    expect(generator.answers).toBe(1);
    expect(generator.tally.sent).toBe(1);
  });

  test("of a number of messages: those of that number", async () => {
    const { server, generator, wires } = await opened({
      until: { messages: 2 },
    });
    generator.start(time.now);
    await time.pass(1);
    generator.countFrom = time.now;
    server.echo(wires[0]!);
    expect(generator.answers).toBe(0);
    server.echo(wires[0]!);
    server.echo(wires[0]!);
    expect(generator.answers).toBe(2);
    expect(generator.tally.sent).toBe(2);
    expect(generator.exhausted).toBe(true);
    expect(sent(wires[0]!)).toBe(3);
    expect(generator.inFlight).toBe(0);
  });
});

describe("an open loop", () => {
  test("frees a connection once, when it was full", async () => {
    // Each has room for two.
    const { server, generator, wires } = await opened({
      connections: 3,
      pipeline: 2,
      rate: 1000,
    });
    generator.start(time.now);
    await time.pass(2.5);
    expect(wires.map(sent)).toEqual([1, 1, 1]);
    server.echo(wires[0]!);
    await time.pass(3);
    expect(wires.map(sent)).toEqual([2, 2, 2]);
    // Freed twice, the first would be sent both of the next.
    await time.pass(2);
    expect(wires.map(sent)).toEqual([3, 2, 2]);
  });

  test("sends what waits to a connection that was full, at once", async () => {
    const { server, generator, wires } = await opened({ rate: 1000 });
    generator.start(time.now);
    await time.pass(5.5);
    expect(sent(wires[0]!)).toBe(1);
    server.echo(wires[0]!);
    expect(sent(wires[0]!)).toBe(2);
    expect(generator.inFlight).toBe(1);
  });

  test("counts as unsent what was due while it counted, not before", async () => {
    const { generator, wires } = await opened({ rate: 1000 });
    const origin = time.now;
    generator.start(origin);
    generator.countFrom = origin + 19.5;
    generator.sendUntil = origin + 49.5;
    await time.pass(100);
    // One is under way, since before it counted; the others found no room.
    expect(sent(wires[0]!)).toBe(1);
    generator.stop();
    expect(generator.tally.unsent).toBe(30);
    expect(generator.tally.sent).toBe(0);
  });

  test("counts no more as unsent than there were to be", async () => {
    const { generator } = await opened({ rate: 1000, until: { messages: 5 } });
    generator.countFrom = time.now - 0.5;
    generator.start(time.now);
    await time.pass(100);
    generator.stop();
    const { sent: first, unsent } = generator.tally;
    expect({ first, unsent }).toEqual({ first: 1, unsent: 4 });
  });
});

test("what a lost connection had in flight is in flight no more", async () => {
  const { server, generator, wires } = await opened({
    connections: 2,
    pipeline: 3,
    reconnect: false,
  });
  generator.start(time.now);
  expect(generator.inFlight).toBe(6);
  server.handlers.close(wires[0]!, new Error("reset"));
  expect(generator.inFlight).toBe(3);
  expect(wires[0]!.data.inFlight).toBe(0);
  // It is taken off once, whatever else comes of that connection.
  server.handlers.close(wires[0]!, new Error("reset"));
  expect(generator.inFlight).toBe(3);
});

test("a second's errors are those since the one before", async () => {
  const { generator } = await opened();
  generator.tally.fail("ECONNRESET", 3);
  generator.startSeconds();
  generator.tally.fail("ECONNRESET", 2);
  expect(generator.takeSecond(1).errors).toBe(2);
  generator.tally.fail("ETIMEDOUT");
  expect(generator.takeSecond(2).errors).toBe(1);
  expect(generator.takeSecond(3).errors).toBe(0);
});

test("a second's messages and times are those since the one before", async () => {
  const { server, generator, wires } = await opened();
  generator.countFrom = time.now;
  generator.start(time.now);
  server.echo(wires[0]!);
  server.echo(wires[0]!);
  expect(generator.takeSecond(1)).toMatchObject({ messages: 2 });
  server.echo(wires[0]!);
  const { messages, latency } = generator.takeSecond(2);
  expect({ messages, counted: latency.total }).toEqual({
    messages: 1,
    counted: 1,
  });
  expect(generator.tally.latency.total).toBe(3);
  server.echo(wires[0]!);
  // What came after its end is the next one's.
  expect(generator.takeSecond(3, 3).messages).toBe(0);
  expect(generator.takeSecond(4).messages).toBe(1);
});
