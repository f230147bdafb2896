import { describe, expect, test } from "bun:test";

import { Tracer } from "../../../src/socket/trace/tracer.ts";
import { tracing } from "../../support/tracing.ts";
import { until } from "../../support/until.ts";

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

  test("Tracer tells what is waited for, unless the wait ends soon", async () => {
    const { tracer, waits } = tracing("server");
    clearTimeout(tracer.waiting("(8) accept: nobody has connected yet"));
    tracer.waiting("(10) read: nothing from 127.0.0.1:53124 yet");
    await until(() => waits.length > 0, "the line");
    expect(waits).toEqual(["(10) read: nothing from 127.0.0.1:53124 yet"]);
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
