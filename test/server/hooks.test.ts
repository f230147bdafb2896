import { describe, expect, test } from "bun:test";

import { type Ended, startServer } from "../../src/server/server.ts";
import { Caller } from "../support/caller.ts";

const addresses = ["127.0.0.1:0"];

describe("onConnect()", () => {
  test("onConnect() that throws costs its own connection only", async () => {
    const told: Ended[] = [];
    await using server = await startServer({
      addresses,
      reply: "raw",
      onConnect: ({ id }) => {
        if (id === 1) throw new Error("a fault in the hook");
      },
      onDisconnect: (ended) => told.push(ended),
    });
    const [endpoint] = server.addresses;
    await using first = await Caller.dial(endpoint!);
    expect(await first.closed()).toBe("RST");
    expect(told).toMatchObject([{ id: 1, cause: "error", bytesIn: 0 }]);

    await using second = await Caller.dial(endpoint!);
    second.send("hello");
    expect(String(await second.receive(5))).toBe("hello");
    expect(server.tally).toMatchObject({
      connections: { open: 1, total: 2 },
      closed: { FIN: 0, RST: 0, stop: 0, error: 1 },
    });
  });
});

describe("onDisconnect()", () => {
  test("onDisconnect() that throws disturbs neither tally nor stop", async () => {
    await using server = await startServer({
      addresses,
      onDisconnect() {
        throw new Error("a fault in the hook");
      },
    });
    await using one = await Caller.dial(server.addresses[0]!);
    await using two = await Caller.dial(server.addresses[0]!);
    await using three = await Caller.dial(server.addresses[0]!);
    one.finish();
    await one.closed();
    expect(await server.stop({ drainTimeout: 0 })).toBe(2);
    await two.closed();
    await three.closed();
    expect(server.tally).toMatchObject({
      connections: { open: 0, total: 3 },
      closed: { FIN: 1, RST: 0, stop: 2, error: 0 },
    });
  });

  test("onDisconnect() is told how long a connection lasted", async () => {
    const ended = Promise.withResolvers<Ended>();
    await using server = await startServer({
      addresses,
      onDisconnect: ended.resolve,
    });
    const since = performance.now();
    await using caller = await Caller.dial(server.addresses[0]!);
    caller.send("hello");
    await caller.receive(5);
    caller.finish();
    const { lasted } = await ended.promise;
    expect(lasted).toBeGreaterThan(0);
    expect(lasted).toBeLessThanOrEqual(performance.now() - since);
  });
});
