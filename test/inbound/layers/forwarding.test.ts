import { describe, expect, test } from "bun:test";

import { Admission } from "../../../src/inbound/admission.ts";
import { admits } from "../../../src/inbound/layers/gate.ts";
import { proxied } from "../../../src/inbound/layers/proxied.ts";
import { traceAccept } from "../../../src/inbound/layers/trace-accept.ts";
import { Permits } from "../../../src/inbound/permits.ts";
import type { AnyHandlers, Layer } from "../../../src/socket/layer.ts";
import { traceConnect } from "../../../src/socket/trace/ends.ts";
import { traced } from "../../../src/socket/trace/traced.ts";
import {
  bunHandlers,
  type Permit,
  type Wire,
  type WireHandlers,
} from "../../../src/socket/wire.ts";
import { FakeWire } from "../../support/fake-wire.ts";
import { tracing } from "../../support/tracing.ts";

const HEADER = Buffer.from("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n");
const permit: Permit = { release() {} };
const { tracer } = tracing("server");

const LAYERS: [name: string, layer: Layer][] = [
  ["admits()", admits(new Permits(new Admission({}), {}), () => {})],
  ["proxied()", proxied()],
  ["traced()", traced(tracer)],
  ["traceAccept()", traceAccept(tracer)],
  ["traceConnect()", traceConnect(tracer)],
];

/** Handlers that note what they are told, but for the wire. */
function noting() {
  const told: unknown[][] = [];
  const note =
    (event: string) =>
    (wire: Wire, ...args: unknown[]) => {
      // What was not let in has no data.
      wire.data ??= {};
      told.push([event, ...args]);
    };
  const handlers = {
    open: note("open"),
    data: note("data"),
    writable: note("writable"),
    end: note("end"),
    close: note("close"),
    error: note("error"),
  };
  return { told, handlers: handlers as unknown as AnyHandlers };
}

describe.each(LAYERS)("%s", (name, layer) => {
  test("it forwards every event, with all that it says", () => {
    const { told, handlers } = noting();
    const outer = layer.wrap(handlers) as WireHandlers<unknown>;
    const wire = new FakeWire();
    outer.open(wire, permit);
    if (name === "proxied()") outer.data(wire, HEADER);
    expect(told.splice(0).map(([event]) => event)).toEqual(["open"]);
    const chunk = Buffer.from("hello");
    const error = new Error();
    outer.data(wire, chunk);
    outer.writable(wire);
    outer.error(wire, error);
    outer.end(wire, true);
    outer.close(wire, error);
    expect(told).toEqual([
      ["data", chunk],
      ["writable"],
      ["error", error],
      ["end", true],
      ["close", error],
    ]);
  });
});

test("bunHandlers() has a handler for each of Bun's events that are used", () => {
  const { told, handlers } = noting();
  const all = bunHandlers(handlers) as unknown as Record<
    string,
    (wire: Wire) => void
  >;
  for (const event of ["open", "data", "drain", "end", "close", "error"]) {
    all[event]!(new FakeWire());
  }
  const events = told.map(([event]) => event);
  expect(events).toEqual(["open", "data", "writable", "end", "close", "error"]);
});
