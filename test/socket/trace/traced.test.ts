import { describe, expect, test } from "bun:test";

import type { AnyHandlers } from "../../../src/socket/layer.ts";
import { QUIET } from "../../../src/socket/trace/tracer.ts";
import { traced } from "../../../src/socket/trace/traced.ts";
import type { Wire, WireHandlers } from "../../../src/socket/wire.ts";
import { FakeWire } from "../../support/fake-wire.ts";
import { tracing } from "../../support/tracing.ts";
import { until } from "../../support/until.ts";

const peer = "127.0.0.1:53124";

describe("traced()", () => {
  /** Traced handlers that note what reaches them, and a socket for them. */
  function tracedWire(
    appetites: number[] = [],
    side: "server" | "client" = "server",
  ) {
    const { tracer, lines, waits } = tracing(side);
    const reached: unknown[] = [];
    let inner!: Wire;
    const noting: WireHandlers<unknown> = {
      open: (wire) => (inner = wire),
      data: (_, chunk) => reached.push(String(chunk)),
      writable: () => reached.push("writable"),
      end: () => reached.push("end"),
      close: (_, error) => reached.push(error ?? "close"),
      error: (_, error) => reached.push(error),
    };
    const layer = traced(tracer);
    const handlers = layer.wrap(noting as AnyHandlers) as WireHandlers<unknown>;
    const wire = new FakeWire(appetites);
    handlers.open(wire);
    lines.length = 0;
    return {
      wire,
      inner,
      handlers,
      waits,
      reached,
      told: () => lines.map((line) => line.slice(14)),
    };
  }
  test("traced() tells how much of each write was taken", () => {
    const { inner, wire, told } = tracedWire([5, 1, 0, -1]);
    const bytes = Buffer.from("hello, world");
    expect(inner.write(bytes, 0, 5)).toBe(5);
    expect(inner.write(bytes)).toBe(1);
    expect(inner.write(bytes, 11)).toBe(0);
    expect(inner.write(bytes)).toBe(-1);
    expect(told()).toEqual([
      ` (9) write     5 bytes → ${peer}`,
      ` (9) write     1 of 12 bytes → ${peer}`,
      ` (9) write     0 of 1 byte → ${peer}`,
      ` (9) write     0 of 12 bytes → ${peer} (the connection is gone)`,
    ]);
    expect(wire.writes.map(String)).toEqual([
      "hello",
      "hello, world",
      "d",
      "hello, world",
    ]);
  });

  test("traced() tells what is done with a socket, the FIN once, and does it", () => {
    const { inner, wire, told } = tracedWire();
    inner.pause();
    inner.resume();
    inner.shutdown();
    inner.end();
    // Nothing is left to be reset.
    inner.terminate();
    expect(told()).toEqual([
      `     pause     ${peer}: nothing is read`,
      `     resume    ${peer}: reading again`,
      `(11) finish    FIN → ${peer}`,
    ]);
    expect(wire.acts).toEqual([
      "pause",
      "resume",
      "shutdown",
      "end",
      "terminate",
    ]);
  });

  test("traced() hands every event on", () => {
    const { wire, handlers, reached } = tracedWire();
    const fault = new Error("a fault");
    handlers.data(wire, Buffer.from("hello"));
    handlers.writable(wire);
    handlers.end(wire);
    handlers.error(wire, fault);
    handlers.close(wire, fault);
    expect(reached).toEqual(["hello", "writable", "end", fault, fault]);
  });

  test("traced() tells the peer's FIN once, by its end or its close", () => {
    for (const events of [["end", "close"], ["close"]] as const) {
      const { wire, handlers, told } = tracedWire();
      for (const event of events) handlers[event](wire);
      expect(told()).toEqual([`(11) finished  FIN ← ${peer}`]);
    }
  });

  test("traced() tells that the peer's FIN came before the end of TLS", () => {
    const { wire, handlers, told } = tracedWire();
    handlers.end(wire, true);
    expect(told()).toEqual([
      `(11) finished  FIN ← ${peer}, without the end of TLS`,
    ]);
  });

  test.each(["server", "client"] as const)(
    "traced() numbers FINs by who is first, on a %s",
    (side) => {
      const first = tracedWire([], side);
      first.inner.shutdown();
      first.handlers.end(first.wire);
      first.inner.end();
      expect(first.told()).toEqual([
        `(11) finish    FIN → ${peer}`,
        `(12) finished  FIN ← ${peer}`,
      ]);
      const second = tracedWire([], side);
      second.handlers.end(second.wire);
      second.inner.end();
      expect(second.told()).toEqual([
        `(11) finished  FIN ← ${peer}`,
        `(12) finish    FIN → ${peer}`,
      ]);
    },
  );

  test("traced() takes the close after our own FIN for the peer's, but not after end()", () => {
    const awaiting = tracedWire();
    awaiting.inner.shutdown();
    awaiting.handlers.close(awaiting.wire);
    expect(awaiting.told()).toEqual([
      `(11) finish    FIN → ${peer}`,
      `(12) finished  FIN ← ${peer}`,
    ]);
    const ending = tracedWire();
    ending.inner.end();
    ending.handlers.close(ending.wire);
    expect(ending.told()).toEqual([`(11) finish    FIN → ${peer}`]);
  });

  test("traced() tells no FIN of a peer that reset the connection", () => {
    const { wire, handlers, told } = tracedWire();
    handlers.close(wire, Object.assign(new Error(), { code: "ECONNRESET" }));
    expect(told()).toEqual([]);
  });

  test("traced() tells neither FIN nor reset of ours after a reset that a write met", () => {
    const { inner, wire, handlers, told } = tracedWire([-1]);
    inner.write(Buffer.from("hello"));
    inner.terminate();
    handlers.end(wire);
    handlers.close(wire);
    expect(told().slice(1)).toEqual([]);
  });

  test("traced() tells our own reset once, and no FIN after it", () => {
    const { inner, wire, handlers, told } = tracedWire();
    inner.terminate();
    inner.terminate();
    handlers.close(wire);
    expect(told()).toEqual([`     reset     RST → ${peer}`]);
  });

  describe("waiting in read", () => {
    const WAIT = `(10) read: nothing from ${peer} yet`;
    const afterwards = () => Bun.sleep(QUIET + 20);

    test("a server waits from the accept on, and again after each answer", async () => {
      const { handlers, wire, waits } = tracedWire();
      await until(() => waits.length === 1, "it waits");
      handlers.data(wire, Buffer.from("hello"));
      await until(() => waits.length === 2, "it waits again");
      expect(waits).toEqual([WAIT, WAIT]);
      handlers.data(wire, Buffer.from("hello"));
      handlers.end(wire);
      await afterwards();
      expect(waits).toHaveLength(2);
    });

    test("a client waits for its answer, and for the server's FIN", async () => {
      const { inner, handlers, wire, waits } = tracedWire([], "client");
      await afterwards();
      expect(waits).toEqual([]);
      inner.write(Buffer.from("hello"));
      await until(() => waits.length === 1, "it waits for its answer");
      handlers.data(wire, Buffer.from("hello"));
      await afterwards();
      expect(waits).toHaveLength(1);
      inner.shutdown();
      await until(() => waits.length === 2, "it waits for the FIN");
      handlers.end(wire);
    });

    test("nobody waits who reads nothing, or is closed", async () => {
      for (const act of ["pause", "end", "terminate"] as const) {
        const { inner, waits } = tracedWire();
        inner[act]();
        await afterwards();
        expect(waits).toEqual([]);
      }
      const { inner, waits } = tracedWire();
      inner.pause();
      inner.write(Buffer.from("hello"));
      inner.resume();
      await until(() => waits.length === 1, "it waits");
    });
  });
});
