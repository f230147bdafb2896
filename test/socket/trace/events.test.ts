import { describe, expect, test } from "bun:test";

import { connect } from "../../../src/client/connect.ts";
import { startServer } from "../../../src/server/server.ts";
import type { AnyHandlers } from "../../../src/socket/layer.ts";
import type { TraceEvent } from "../../../src/socket/trace/event.ts";
import { traced } from "../../../src/socket/trace/traced.ts";
import { Tracer } from "../../../src/socket/trace/tracer.ts";
import type { Wire, WireHandlers } from "../../../src/socket/wire.ts";
import { expectEcho } from "../../support/expect-echo.ts";
import { FakeWire } from "../../support/fake-wire.ts";
import { until } from "../../support/until.ts";

/** A tracer, and what its observer is told. */
function observed(side: "server" | "client", now?: () => number) {
  const events: TraceEvent[] = [];
  const tracer = new Tracer(side, () => {}, now);
  tracer.observe((event) => events.push(event), 24);
  return { tracer, events };
}

describe("events", () => {
  test("two tracers of one machine have one clock", () => {
    for (let round = 0; round < 20; round += 1) {
      const [one, other] = [observed("client"), observed("server")];
      one.tracer.step(9, "write");
      other.tracer.step(10, "read");
      // Whole milliseconds would set them off by up to one.
      const [sent, came] = [one.events[0]!.at, other.events[0]!.at];
      expect(sent).toBeLessThanOrEqual(came);
      const now = performance.timeOrigin + performance.now();
      expect(came).toBeLessThanOrEqual(now);
    }
  });

  test("what is written has the time before it was written", () => {
    const clock = { now: 0 };
    const { tracer, events } = observed("client", () => clock.now);
    let inner!: Wire;
    const handlers = traced(tracer).wrap({
      open: (wire: Wire) => (inner = wire),
    } as unknown as AnyHandlers) as WireHandlers<unknown>;
    const wire = new FakeWire();
    handlers.open(wire);
    const write = wire.write.bind(wire);
    wire.write = (...of) => {
      clock.now += 7;
      return write(...of);
    };
    tracer.step(4, "socket");
    inner.write(Buffer.from("hello"));
    tracer.step(10, "read");
    const since = events.map(({ at }) => at - events[0]!.at);
    expect(since.map(Math.round)).toEqual([0, 0, 7]);
  });

  test.each(["127.0.0.1:0", "tls://127.0.0.1:0"])(
    "all that is told of a connection has its number: %s",
    async (address) => {
      const { tracer, events } = observed("server");
      const client = observed("client");
      await using server = await startServer({
        addresses: [address],
        reply: "raw",
        trace: tracer,
      });
      const isTls = address.startsWith("tls");
      const open = () =>
        connect(server.addresses[0]!, {
          trace: client.tracer,
          ...(isTls && { tls: { insecure: true } }),
        });
      await using one = await open();
      await using two = await open();
      const waits = () => events.filter(({ verb }) => verb === "waiting");
      await until(
        () => new Set(waits().map(({ connection }) => connection)).size >= 2,
        "both are waited for",
      );
      await expectEcho(one, "one");
      await expectEcho(two, "two");
      const its = events.filter(({ connection }) => connection !== null);
      for (const connection of [1, 2]) {
        const verbs = its
          .filter((event) => event.connection === connection)
          .map(({ verb }) => verb)
          .filter((verb) => verb !== "waiting");
        const shake = isTls ? ["tls"] : [];
        expect(verbs).toEqual(["request", "accept", ...shake, "read", "write"]);
      }
      const told = (all: readonly TraceEvent[]) =>
        all
          .filter((event) => event.connection === null)
          .map(({ verb }) => verb)
          .filter((verb) => verb !== "waiting");
      expect(told(events)).toEqual(["socket", "bind", "listen"]);
      expect(told(client.events)).toEqual([
        "socket",
        "connect",
        "socket",
        "connect",
      ]);
    },
  );
});
