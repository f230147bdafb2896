import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { Connections } from "../../../src/load/connections/connections.ts";
import { DEFAULTS, type LoadOptions } from "../../../src/load/options.ts";
import { plansOf } from "../../../src/load/plan.ts";
import { Tally } from "../../../src/load/worker/tally.ts";
import { Traffic } from "../../../src/load/worker/traffic.ts";
import { Window } from "../../../src/load/worker/window.ts";
import { parseEndpoint } from "../../../src/address/endpoint.ts";
import { FakeServer } from "../../support/fake-dialler.ts";
import { VirtualTime } from "../../support/virtual-time.ts";

const target = parseEndpoint("127.0.0.1:1");
const SIZE = 64;

let time: VirtualTime;
beforeEach(() => void (time = new VirtualTime()));
afterEach(() => time[Symbol.dispose]());

/** Traffic on connections that are all open, and the server they lead to. */
async function opened(options: Partial<LoadOptions> = {}) {
  const server = new FakeServer();
  const [plan] = plansOf(
    { ...DEFAULTS, target, connections: 1, ...options },
    target,
    "raw",
  );
  const tally = new Tally();
  const window = new Window(plan!, tally);
  const traffic = new Traffic(plan!, window, tally);
  const connections = new Connections(plan!, tally, traffic, server.dialler);
  await time.until(connections.openAll());
  return {
    server,
    window,
    tally,
    traffic,
    connections,
    wires: server.wires,
    start: (origin: number) => traffic.start(connections.open(), origin),
  };
}

const sent = ({ writes }: { writes: Buffer[] }) =>
  Buffer.concat(writes).length / SIZE;

describe("answers are", () => {
  test("of a duration: all that come while it is measured", async () => {
    const { server, window, tally, traffic, wires, start } = await opened({
      until: { duration: 1000 },
    });
    start(time.now);
    server.echo(wires[0]!);
    expect(traffic.seconds.answers).toBe(0);
    await time.pass(1);
    window.from = time.now;
    // Sent before, in answer to the warm-up: it comes while it is measured.
    server.echo(wires[0]!);
    expect(traffic.seconds.answers).toBe(1);
    expect(tally.sent).toBe(1);
  });

  test("of a number of messages: those of that number", async () => {
    const { server, window, tally, traffic, connections, wires, start } =
      await opened({
        until: { messages: 2 },
      });
    start(time.now);
    await time.pass(1);
    window.from = time.now;
    server.echo(wires[0]!);
    expect(traffic.seconds.answers).toBe(0);
    server.echo(wires[0]!);
    server.echo(wires[0]!);
    expect(traffic.seconds.answers).toBe(2);
    expect(tally.sent).toBe(2);
    expect(traffic.exhausted).toBe(true);
    expect(sent(wires[0]!)).toBe(3);
    expect(connections.inFlight).toBe(0);
  });
});

describe("an open loop", () => {
  test("frees a connection once, when it was full", async () => {
    // Each has room for two.
    const { server, wires, start } = await opened({
      connections: 3,
      pipeline: 2,
      rate: 1000,
    });
    start(time.now);
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
    const { server, connections, wires, start } = await opened({ rate: 1000 });
    start(time.now);
    await time.pass(5.5);
    expect(sent(wires[0]!)).toBe(1);
    server.echo(wires[0]!);
    expect(sent(wires[0]!)).toBe(2);
    expect(connections.inFlight).toBe(1);
  });

  test("does not call itself late with what came due while all were full", async () => {
    const { server, window, tally, wires, start } = await opened({
      rate: 4000,
    });
    window.from = time.now - 0.1;
    start(time.now);
    // Two answers, after the second and the third are due.
    await time.pass(0.35);
    server.echo(wires[0]!);
    await time.pass(0.35);
    server.echo(wires[0]!);
    expect(sent(wires[0]!)).toBe(3);
    expect(tally.pacing.total).toBe(3);
    expect(tally.pacing.percentile(100)).toBeLessThan(20);
  });

  test("is on time again as soon as a connection has room to spare", async () => {
    const { server, wires, start } = await opened({
      connections: 2,
      rate: 4000,
    });
    start(time.now);
    // The third is due, and finds none.
    await time.pass(0.6);
    expect(wires.map(sent)).toEqual([1, 1]);
    server.echo(wires[0]!);
    server.echo(wires[1]!);
    expect(wires.map(sent)).toEqual([2, 1]);
    await time.pass(0.2);
    expect(wires.map(sent)).toEqual([2, 2]);
  });

  test("counts as unsent what was due while it counted, not before", async () => {
    const { window, tally, traffic, wires, start } = await opened({
      rate: 1000,
    });
    const origin = time.now;
    start(origin);
    window.from = origin + 19.5;
    window.until = origin + 49.5;
    await time.pass(100);
    // One is under way, since before it counted; the others found no room.
    expect(sent(wires[0]!)).toBe(1);
    traffic.stop();
    expect(tally.unsent).toBe(30);
    expect(tally.sent).toBe(0);
  });

  test("counts no more as unsent than there were to be", async () => {
    const { window, tally, traffic, start } = await opened({
      rate: 1000,
      until: { messages: 5 },
    });
    window.from = time.now - 0.5;
    start(time.now);
    await time.pass(100);
    traffic.stop();
    const { sent: first, unsent } = tally;
    expect({ first, unsent }).toEqual({ first: 1, unsent: 4 });
  });
});

test("what a lost connection had in flight is in flight no more", async () => {
  const { server, connections, wires, start } = await opened({
    connections: 2,
    pipeline: 3,
    reconnect: false,
  });
  start(time.now);
  expect(connections.inFlight).toBe(6);
  server.handlers.close(wires[0]!, new Error("reset"));
  expect(connections.inFlight).toBe(3);
  expect(wires[0]!.data.inFlight).toBe(0);
  // It is taken off once, whatever else comes of that connection.
  server.handlers.close(wires[0]!, new Error("reset"));
  expect(connections.inFlight).toBe(3);
});

test("a second's errors are those since the one before", async () => {
  const { tally, traffic } = await opened();
  tally.fail("ECONNRESET", 3);
  traffic.seconds.start();
  tally.fail("ECONNRESET", 2);
  expect(traffic.seconds.take().errors).toBe(2);
  tally.fail("ETIMEDOUT");
  expect(traffic.seconds.take().errors).toBe(1);
  expect(traffic.seconds.take().errors).toBe(0);
});

test("a second's messages and times are those since the one before", async () => {
  const { server, window, tally, traffic, wires, start } = await opened();
  window.from = time.now;
  start(time.now);
  server.echo(wires[0]!);
  server.echo(wires[0]!);
  expect(traffic.seconds.take()).toMatchObject({ messages: 2 });
  server.echo(wires[0]!);
  const { messages, latency } = traffic.seconds.take();
  expect({ messages, counted: latency.total }).toEqual({
    messages: 1,
    counted: 1,
  });
  expect(tally.latency.total).toBe(3);
  server.echo(wires[0]!);
  // What came after its end is the next one's.
  expect(traffic.seconds.take(3).messages).toBe(0);
  expect(traffic.seconds.take().messages).toBe(1);
});
