import { describe, expect, test } from "bun:test";

import { traceAccept } from "../../../src/inbound/layers/trace-accept.ts";
import type { AnyHandlers } from "../../../src/socket/layer.ts";
import { QUIET } from "../../../src/socket/trace/tracer.ts";
import type { WireHandlers } from "../../../src/socket/wire.ts";
import { FakeWire } from "../../support/fake-wire.ts";
import { tracing } from "../../support/tracing.ts";
import { until } from "../../support/until.ts";

const peer = "127.0.0.1:53124";

describe("traceAccept()", () => {
  /** An outermost layer, what it told, and sockets for it. */
  function accepting() {
    const { tracer, lines, waits } = tracing("server");
    const layer = traceAccept(tracer);
    const inner: WireHandlers<unknown> = {
      open() {},
      data() {},
      writable() {},
      end() {},
      close() {},
      error() {},
    };
    const handlers = layer.wrap(inner as AnyHandlers) as WireHandlers<unknown>;
    const told = () => lines.map((line) => line.slice(14));
    return { layer, handlers, told, waits };
  }
  const path = `${peer} → 127.0.0.1:21567`;

  test("traceAccept() tells who comes and goes, and how", () => {
    const { handlers, told } = accepting();
    const [one, two] = [new FakeWire(), new FakeWire()];
    for (const wire of [one, two]) handlers.open(wire);
    handlers.close(one);
    handlers.close(two, Object.assign(new Error(), { code: "ECONNRESET" }));
    const came = [` (6) request   ${path}`, ` (8) accept    ${path}`];
    expect(told()).toEqual([
      ...came,
      ...came,
      `     closed    ${peer}`,
      `     reset     RST ← ${peer}`,
      `     closed    ${peer}`,
    ]);
  });

  test("traceAccept() tells that it waits while nobody is there", async () => {
    const { layer, handlers, waits } = accepting();
    await until(() => waits.length === 1, "it waits");
    const [one, two] = [new FakeWire(), new FakeWire()];
    for (const wire of [one, two]) handlers.open(wire);
    handlers.close(one);
    await Bun.sleep(QUIET + 20);
    expect(waits).toHaveLength(1);
    handlers.close(two);
    await until(() => waits.length === 2, "it waits again");
    expect(waits).toEqual([
      "(8) accept: nobody has connected yet",
      "(8) accept: nobody else has connected yet",
    ]);
    const last = new FakeWire();
    handlers.open(last);
    layer.hurry(0);
    handlers.close(last);
    await Bun.sleep(QUIET + 20);
    expect(waits).toHaveLength(2);
  });
});
