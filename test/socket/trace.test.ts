import { describe, expect, test } from "bun:test";

import { traced, Tracer } from "../../src/socket/trace.ts";
import type { Wire, WireHandlers } from "../../src/socket/wire.ts";
import { FakeWire } from "../support/fake-wire.ts";
import { tracing } from "../support/tracing.ts";
import { until } from "../support/until.ts";

describe("Tracer", () => {
  test("Tracer refuses a side or a printer that is none", () => {
    const wants = 'Tracer() wants "server" or "client", and a function';
    expect(() => new Tracer("sever" as never, () => {})).toThrow(wants);
    expect(() => new Tracer("client", "print" as never)).toThrow(wants);
  });

  test("Tracer tells the time since it began, the step and what is done", () => {
    const { tracer, lines, clock } = tracing("server");
    tracer.step(1, "socket", "tcp");
    clock.now += 0.3124;
    tracer.step(10, "read", "12 bytes ← 127.0.0.1:53124");
    clock.now += 123_456;
    tracer.step(undefined, "pause", "127.0.0.1:53124: nothing is read");
    clock.now += 10_000_000;
    tracer.step(undefined, "closed");
    expect(lines).toEqual([
      "   +0.000 ms   (1) socket    tcp",
      "   +0.312 ms  (10) read      12 bytes ← 127.0.0.1:53124",
      "+123456.312 ms       pause     127.0.0.1:53124: nothing is read",
      "+10123456.312 ms       closed",
    ]);
  });

  test("Tracer tells a connect when it began, once its address is known", () => {
    const { tracer, lines, clock } = tracing("client");
    clock.now += 0.312;
    tracer.connecting("127.0.0.1:21567");
    clock.now += 5;
    expect(lines).toEqual([]);
    tracer.connectFrom("127.0.0.1:53124");
    tracer.connectFrom("127.0.0.1:53124");
    expect(lines).toEqual([
      "   +0.312 ms   (5) connect   127.0.0.1:53124 → 127.0.0.1:21567",
    ]);
  });

  test("Tracer tells a connect without an address when none comes", async () => {
    const { tracer, lines } = tracing("client");
    tracer.connecting("192.0.2.1:7");
    await until(() => lines.length > 0, "the line");
    tracer.connectFrom("127.0.0.1:53124");
    expect(lines).toEqual(["   +0.000 ms   (5) connect   → 192.0.2.1:7"]);
  });

  test("Tracer tells a connect that failed at once", () => {
    const { tracer, lines } = tracing("client");
    tracer.connecting("127.0.0.1:7");
    tracer.connectFrom("");
    expect(lines).toEqual(["   +0.000 ms   (5) connect   → 127.0.0.1:7"]);
  });
});

describe("traced()", () => {
  /** Traced handlers that note what reaches them, and a socket for them. */
  function tracedWire(appetites: number[] = []) {
    const { tracer, lines } = tracing("server");
    const reached: unknown[] = [];
    let inner!: Wire;
    const noting: WireHandlers<unknown> = {
      open: (wire) => (inner = wire),
      data: (_, chunk) => reached.push(String(chunk)),
      drain: () => reached.push("drain"),
      end: () => reached.push("end"),
      close: (_, error) => reached.push(error ?? "close"),
      error: (_, error) => reached.push(error),
    };
    const handlers = traced(noting, tracer) as WireHandlers<unknown>;
    const wire = new FakeWire(appetites);
    handlers.open(wire);
    lines.length = 0;
    return {
      wire,
      inner,
      handlers,
      reached,
      told: () => lines.map((line) => line.slice(14)),
    };
  }
  const peer = "127.0.0.1:53124";

  test("traced() tells how much of each write was taken", () => {
    const { inner, wire, told } = tracedWire([5, 1, 0, -1]);
    const bytes = Buffer.from("hello, world");
    expect(inner.write(bytes, 0, 5)).toBe(5);
    expect(inner.write(bytes)).toBe(1);
    expect(inner.write(bytes, 11)).toBe(0);
    expect(inner.write(bytes)).toBe(-1);
    expect(told()).toEqual([
      `     write     5 bytes → ${peer}`,
      `     write     1 of 12 bytes → ${peer}`,
      `     write     0 of 1 byte → ${peer}`,
      `     write     0 of 12 bytes → ${peer} (the connection is gone)`,
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
    inner.terminate();
    expect(told()).toEqual([
      `     pause     ${peer}: nothing is read`,
      `     resume    ${peer}: reading again`,
      `(12) finish    FIN → ${peer}`,
      `     reset     RST → ${peer}`,
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
    handlers.drain(wire);
    handlers.end(wire);
    handlers.error(wire, fault);
    handlers.close(wire, fault);
    expect(reached).toEqual(["hello", "drain", "end", fault, fault]);
  });

  test("traced() tells the peer's FIN once, by its end or its close", () => {
    for (const events of [["end", "close"], ["close"]] as const) {
      const { wire, handlers, told } = tracedWire();
      for (const event of events) handlers[event](wire);
      expect(told()).toEqual([
        `(11) finished  FIN ← ${peer}`,
        `     closed    ${peer}`,
      ]);
    }
  });

  test("traced() tells no FIN of a peer that reset the connection", () => {
    const { wire, handlers, told } = tracedWire();
    handlers.close(wire, Object.assign(new Error(), { code: "ECONNRESET" }));
    expect(told()).toEqual([
      `     closed    ${peer}: the peer reset the connection (ECONNRESET)`,
    ]);
  });

  test("traced() tells no FIN after a reset that a write met", () => {
    const { inner, wire, handlers, told } = tracedWire([-1]);
    inner.write(Buffer.from("hello"));
    handlers.end(wire);
    handlers.close(wire);
    expect(told().slice(1)).toEqual([`     closed    ${peer}`]);
  });

  test("traced() tells no FIN of a peer after our own reset", () => {
    const { inner, wire, handlers, told } = tracedWire();
    inner.terminate();
    handlers.close(wire);
    expect(told().slice(1)).toEqual([`     closed    ${peer}`]);
  });
});
