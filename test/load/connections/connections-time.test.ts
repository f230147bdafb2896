import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { LoadConnection } from "../../../src/load/connections/connection.ts";
import { DEFAULTS, type LoadOptions } from "../../../src/load/options.ts";
import { Streams } from "../../../src/load/message/stream.ts";
import { plansOf } from "../../../src/load/plan.ts";
import {
  Connections,
  type ConnectionUser,
} from "../../../src/load/connections/connections.ts";
import { Tally } from "../../../src/load/worker/tally.ts";
import { Waiting } from "../../../src/load/waiting.ts";
import { parseEndpoint } from "../../../src/address/endpoint.ts";
import { FakeServer } from "../../support/fake-dialler.ts";
import { VirtualTime } from "../../support/virtual-time.ts";

const target = parseEndpoint("127.0.0.1:1");
const never = new AbortController().signal;

let time: VirtualTime;
beforeEach(() => void (time = new VirtualTime()));
afterEach(() => time[Symbol.dispose]());

/** Connections whose user does nothing. */
function stage(options: Partial<LoadOptions> = {}) {
  const server = new FakeServer();
  const tally = new Tally();
  const [plan] = plansOf(
    { ...DEFAULTS, target, connections: 1, ...options },
    target,
    "raw",
  );
  const kind = new Streams(plan!);
  const times = {
    due: new Float64Array(9),
    sent: new Float64Array(9),
    room: 1,
  };
  const user: ConnectionUser = {
    create: (index) =>
      new LoadConnection(index, kind.on(index), { ...times, first: index }),
    opened() {},
    receive: () => undefined,
    lost() {},
    isDone: () => false,
  };
  const connections = new Connections(plan!, tally, user, server.dialler);
  const waiting = new Waiting({ stop: never, cut: never });
  return {
    server,
    tally,
    connections,
    finish: () => connections.finishAll(waiting),
  };
}

/** So many bytes of its answers have come. */
function hear({ messages }: LoadConnection, bytes: number): void {
  Object.assign(messages, { received: bytes });
}

/** When each was dialled, from the first on. */
function gapsOf(dialled: number[]): number[] {
  return dialled.slice(1).map((at, n) => Math.round(at - dialled[n]!));
}

describe("a connection that is lost is replaced", () => {
  test("after twice as long each time, and a second at most", async () => {
    const { server, connections, tally } = stage();
    await time.until(connections.openAll());
    const dialled = [time.now];
    while (dialled.length < 8) {
      const { length } = server.wires;
      connections.fail(server.wires.at(-1)!.data, "ECONNRESET");
      while (server.wires.length === length) await time.pass(1);
      dialled.push(time.now);
    }
    expect(gapsOf(dialled)).toEqual([100, 200, 400, 800, 1000, 1000, 1000]);
    expect(tally).toMatchObject({ opened: 8, lost: 7 });
  });

  test("at once again when it had been answered", async () => {
    const { server, connections } = stage();
    await time.until(connections.openAll());
    const lose = async (answered: boolean) => {
      const { length } = server.wires;
      const { data } = server.wires.at(-1)!;
      data.answered = answered;
      const from = time.now;
      connections.fail(data, "ECONNRESET");
      while (server.wires.length === length) await time.pass(1);
      return Math.round(time.now - from);
    };
    expect(await lose(false)).toBe(100);
    expect(await lose(false)).toBe(200);
    expect(await lose(true)).toBe(100);
    expect(await lose(false)).toBe(200);
  });

  test("not where the pool ends meanwhile", async () => {
    const { server, connections } = stage();
    await time.until(connections.openAll());
    connections.fail(server.wires[0]!.data, "ECONNRESET");
    connections.end();
    await time.pass(5000);
    expect(server.wires).toHaveLength(1);
  });
});

describe("a pool is deserted", () => {
  test("once none has been open for as long as one may take", async () => {
    const { server, connections } = stage({ connectTimeout: 1000 });
    await time.until(connections.openAll());
    // While one is open, no time passes.
    await time.pass(5000);
    expect(connections.deserted).toBe(false);
    server.answers = "refuse";
    connections.fail(server.wires[0]!.data, "ECONNRESET");
    await time.pass(900);
    expect(connections.deserted).toBe(false);
    await time.pass(200);
    expect(connections.deserted).toBe(true);
  });

  test("not while it stands still", async () => {
    const { server, connections } = stage({ connectTimeout: 1000 });
    await time.until(connections.openAll());
    server.answers = "refuse";
    connections.fail(server.wires[0]!.data, "ECONNRESET");
    await time.pass(100);
    // Nothing could open, and nobody could have seen it.
    time.now += 10_000;
    expect(connections.deserted).toBe(false);
    await time.pass(900);
    expect(connections.deserted).toBe(false);
    await time.pass(200);
    expect(connections.deserted).toBe(true);
  });

  test("at once where none is replaced", async () => {
    const { server, connections } = stage({ connections: 2, reconnect: false });
    await time.until(connections.openAll());
    connections.fail(server.wires[0]!.data, "ECONNRESET");
    expect(connections.deserted).toBe(false);
    connections.fail(server.wires[1]!.data, "ECONNRESET");
    expect(connections.deserted).toBe(true);
  });
});

test("one that opens late, while the pool ends, is closed and not counted", async () => {
  const { server, connections, tally, finish } = stage({
    connectTimeout: 60_000,
  });
  server.answers = "nothing";
  const opening = connections.openAll();
  await time.pass(10);
  const finished = finish();
  const [wire] = server.wires;
  server.handlers.open(wire!);
  await time.until(finished);
  expect(wire!.acts).toEqual(["terminate"]);
  expect(wire!.data.phase).toBe("closed");
  expect(tally).toMatchObject({ opened: 0, lost: 0, unfinished: 0 });
  void opening;
});

test("one that is still to open when the pool ends is closed", async () => {
  const { server, connections, tally, finish } = stage();
  server.answers = "nothing";
  const opening = connections.openAll();
  await time.pass(10);
  await time.until(finish());
  expect(server.wires[0]!.acts).toEqual(["terminate"]);
  expect(tally).toMatchObject({ opened: 0, lost: 0, unfinished: 0 });
  void opening;
});

test("one that opens after it was given up is closed", async () => {
  const { server, connections, tally } = stage({
    connectTimeout: 100,
    reconnect: false,
  });
  server.answers = "nothing";
  await time.until(connections.openAll());
  const [wire] = server.wires;
  expect(tally.errors.get("ETIMEDOUT")).toBe(1);
  server.handlers.open(wire!);
  expect(wire!.acts).toContain("terminate");
  expect(tally.opened).toBe(0);
});

describe("a connection that is to finish", () => {
  test("and does, is finished", async () => {
    const { server, connections, tally, finish } = stage({ connections: 2 });
    await time.until(connections.openAll());
    await time.until(finish());
    expect(server.wires.map(({ acts }) => acts)).toEqual([
      ["shutdown", "end"],
      ["shutdown", "end"],
    ]);
    expect(tally.unfinished).toBe(0);
    expect(tally.failed).toBe(0);
  });

  test("and is reset instead, is unfinished", async () => {
    const { server, connections, tally, finish } = stage({ connections: 2 });
    await time.until(connections.openAll());
    const [wire, other] = server.wires;
    for (const one of [wire!, other!]) one.shutdown = () => {};
    const finished = finish();
    server.handlers.close(wire!, new Error("reset"));
    server.handlers.close(other!);
    await time.until(finished);
    expect(tally.unfinished).toBe(1);
    expect(tally.failed).toBe(0);
  });

  test("and is silent, is unfinished after two seconds", async () => {
    const { server, connections, tally, finish } = stage();
    await time.until(connections.openAll());
    const [wire] = server.wires;
    wire!.shutdown = () => {};
    const from = time.now;
    await time.until(finish());
    expect(time.now - from).toBeWithin(2000, 2100);
    expect(wire!.acts).toEqual(["terminate"]);
    expect(tally.unfinished).toBe(1);
  });
});

test("who was not given the time to finish is not to blame", async () => {
  const { server, connections, tally } = stage();
  await time.until(connections.openAll());
  const [wire] = server.wires;
  wire!.shutdown = () => {};
  const cut = AbortSignal.abort();
  await time.until(connections.finishAll(new Waiting({ stop: cut, cut })));
  expect(wire!.acts).toEqual(["terminate"]);
  expect(tally.unfinished).toBe(0);
});

test("an answer that is late is given up a sweep or two after it is due", async () => {
  const { server, connections, tally } = stage({
    timeout: 1000,
    reconnect: false,
  });
  await time.until(connections.openAll());
  const { data } = server.wires[0]!;
  data.push(time.now, time.now);
  await time.pass(990);
  expect(tally.failed).toBe(0);
  await time.pass(120);
  expect(tally.errors.get("ETIMEDOUT")).toBe(1);
  expect(tally.failures).toMatchObject([{ code: "ETIMEDOUT", byte: 0 }]);
});

test("what came in a standstill is read before anything is given up", async () => {
  const { server, connections, tally } = stage({
    timeout: 1000,
    reconnect: false,
  });
  await time.until(connections.openAll());
  const { data } = server.wires[0]!;
  data.push(time.now, time.now);
  await time.pass(500);
  // The sweep is the first to be called after it, and the answer the next.
  time.now += 5000;
  await time.pass(10);
  data.pop();
  await time.pass(5000);
  expect(tally.failed).toBe(0);
});

describe("a failure tells the silence before it:", () => {
  test("since the connection was opened", async () => {
    const { server, connections, tally } = stage({ reconnect: false });
    server.answers = "nothing";
    const opening = connections.openAll();
    await time.pass(500);
    server.handlers.open(server.wires[0]!);
    await time.until(opening);
    await time.pass(100);
    connections.fail(server.wires[0]!.data, "EEARLY");
    expect(tally.failures[0]!.silence).toBeWithin(0.09, 0.11);
  });

  test("since something came, as far as that was seen", async () => {
    const { server, connections, tally } = stage({
      connections: 2,
      reconnect: false,
    });
    await time.until(connections.openAll());
    const [one, other] = server.wires.map(({ data }) => data);
    await time.pass(1000);
    hear(one!, 64);
    await time.pass(300);
    hear(other!, 128);
    connections.fail(one!, "EEARLY");
    connections.fail(other!, "EEARLY");
    const [first, second] = tally.failures;
    expect(first).toMatchObject({ connection: 0, byte: 64 });
    expect(first!.silence).toBeWithin(0.24, 0.31);
    expect(second).toMatchObject({ connection: 1, byte: 128, silence: 0 });
  });
});
