import { describe, expect, test } from "bun:test";

import { startProxy } from "../../src/proxy/proxy.ts";
import { proxiedServer, proxying } from "../support/proxying.ts";
import { until } from "../support/until.ts";

describe("a proxy's limits", () => {
  test("max-connections, per address, and who is denied", async () => {
    await using it = await proxiedServer({ maxConnections: 1 });
    await using one = await it.proxy.dial();
    one.send("1");
    await one.receive(1);
    await using two = await it.proxy.dial();
    expect(await two.closed()).toBe("RST");
    expect(it.proxy.tally.rejected["max-connections"]).toBe(1);
    one.reset();
    await until(() => it.proxy.tally.connections.open === 0, "it has left");
    await using three = await it.proxy.dial();
    three.send("3");
    await three.receive(1);

    await using denying = await proxiedServer({ deny: ["127.0.0.0/8"] });
    await using four = await denying.proxy.dial();
    expect(await four.closed()).toBe("RST");
    await using single = await proxiedServer({ maxConnectionsPerIp: 1 });
    await using five = await single.proxy.dial();
    await using six = await single.proxy.dial();
    expect(await six.closed()).toBe("RST");
    five.finish();
    await five.closed();
  });

  test.each([
    ["idle", { idleTimeout: 600 }],
    ["lifetime", { maxLifetime: 600 }],
  ] as const)("%s ends both sides with a FIN", async (cause, options) => {
    await using it = await proxiedServer(options);
    await using caller = await it.proxy.dial();
    caller.send("hello");
    await caller.receive(5);
    expect(String(await caller.rest())).toBe("");
    caller.finish();
    expect(await caller.closed()).toBe("FIN");
    await until(() => it.proxy.told.length === 1, "it is told");
    expect(it.proxy.told[0]!.cause).toBe(cause);
    await until(() => it.server.told.length === 1, "the server, too");
    expect(it.server.told[0]!.cause).toBe("FIN");
  });

  test("max-pending resets who does not read", async () => {
    await using it = await proxiedServer({ maxPending: 1 });
    await using caller = await it.proxy.dial();
    caller.pause();
    caller.send(new Uint8Array(64 * 2 ** 20));
    await until(() => it.proxy.told.length === 1, "it is told");
    expect(it.proxy.told[0]!.cause).toBe("pending");
    expect(it.proxy.told[0]!.dropped).toBeGreaterThan(0);
  });
});

describe("a proxy stops", () => {
  test("once each connection is served to its end", async () => {
    await using it = await proxiedServer();
    await using busy = await it.proxy.dial();
    await using quiet = await it.proxy.dial();
    for (const caller of [busy, quiet]) {
      caller.send("hello");
      await caller.receive(5);
    }
    const stopped = it.proxy.stop();
    expect(it.proxy.unready).toBe("draining");
    expect(it.proxy.dial()).rejects.toThrow();
    const since = performance.now();
    while (performance.now() - since < 1500) {
      busy.send("more");
      await busy.receive(4);
    }
    expect(String(await quiet.rest())).toBe("");
    quiet.finish();
    expect(await quiet.closed()).toBe("FIN");
    busy.finish();
    await busy.rest();
    expect(await stopped).toBe(0);
    expect(it.proxy.told.map(({ cause }) => cause).toSorted()).toEqual([
      "client-FIN",
      "stop",
    ]);
  });

  test("not before what comes slowly, or is held by a fault, is there", async () => {
    const target = Bun.listen<undefined>({
      hostname: "127.0.0.1",
      port: 0,
      socket: {
        async open(socket) {
          for (let n = 0; n < 8; n++) {
            await Bun.sleep(300);
            socket.write("x");
          }
          socket.end();
        },
        data() {},
      },
    });
    await using proxy = await proxying({
      target: `127.0.0.1:${target.port}`,
      faults: ["delay 1500ms after 7"],
    });
    await using caller = await proxy.dial();
    await caller.receive(1);
    const stopped = proxy.stop({ drainTimeout: 30_000 });
    expect(String(await caller.rest())).toBe("xxxxxxx");
    caller.finish();
    expect(await stopped).toBe(0);
    target.stop(true);
  });

  test("without waiting for what a fault keeps silent", async () => {
    await using it = await proxiedServer({ faults: ["vanish after 5"] });
    await using caller = await it.proxy.dial();
    caller.send("hello");
    await caller.receive(5);
    const since = performance.now();
    expect(await it.proxy.stop({ drainTimeout: 60_000 })).toBe(0);
    expect(performance.now() - since).toBeLessThan(30_000);
    expect(await caller.closed()).toBe("RST");
  });

  test("within its time, and at once when it is told again", async () => {
    await using it = await proxiedServer();
    await using caller = await it.proxy.dial();
    caller.send("hello");
    await caller.receive(5);
    const stopped = it.proxy.stop();
    expect(await it.proxy.stop()).toBe(1);
    expect(await stopped).toBe(1);
    expect(await caller.closed()).toBe("RST");
  });
});

test.each([
  [{ target: "127.0.0.1:1", faults: ["boo"] }, /"boo" is no action/],
  [{ target: "127.0.0.1:1", seed: 0.5 }, /seed is 0\.5/],
  [{}, /target is missing/],
  [{ target: "127.0.0.1:1", targetTls: { ca: "x" } }, /targetTls\.ca is given/],
  [{ target: "127.0.0.1:1", boo: 1 }, /no option boo/],
  [
    { target: "127.0.0.1:1", listen: "unix:/tmp/a", faults: ["backlog-full"] },
    /backlog-full wants a TCP address/,
  ],
])("startProxy(%j) is refused", async (options, message) => {
  expect(startProxy(options as never)).rejects.toThrow(message);
});
