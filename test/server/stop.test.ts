import { describe, expect, test } from "bun:test";

import { Caller } from "../support/caller.ts";
import { serving, stalled } from "../support/serving.ts";
import { until } from "../support/until.ts";

const MB = 1_000_000;
const bulk = new Uint8Array(20 * MB);

async function exchange(caller: Caller): Promise<void> {
  caller.send("ping");
  expect(String(await caller.receive(4))).toBe("ping");
}

describe("stop()", () => {
  test("stop() resolves at once when nobody is there", async () => {
    await using server = await serving();
    expect(await server.stop()).toBe(0);
    expect(await server.stop()).toBe(0);
  });

  test("stop() accepts no one new", async () => {
    await using server = await serving();
    await using caller = await server.dial();
    await exchange(caller);
    const stopping = server.stop();
    await expect(server.dial()).rejects.toMatchObject({
      code: "ECONNREFUSED",
    });
    await exchange(caller);
    caller.finish();
    expect(await stopping).toBe(0);
    expect(server.told).toMatchObject([{ cause: "FIN", bytesOut: 8 }]);
  });

  test("stop() finishes who is quiet for a second, and no one else", async () => {
    await using server = await serving();
    await using quiet = await server.dial();
    await using busy = await server.dial();
    await exchange(quiet);
    const since = performance.now();
    const stopping = server.stop();
    while (!quiet.finished) {
      await exchange(busy);
      await Bun.sleep(5);
    }
    expect(performance.now() - since).toBeGreaterThan(900);
    expect(await quiet.rest()).toBeEmpty();
    quiet.finish();
    expect(await quiet.closed()).toBe("FIN");

    await exchange(busy);
    busy.finish();
    expect(await stopping).toBe(0);
    expect(server.told).toMatchObject([
      { id: 1, cause: "stop", dropped: 0 },
      { id: 2, cause: "FIN", dropped: 0 },
    ]);
  });

  test("stop() takes no one for quiet whom it has not read out", async () => {
    await using server = await serving();
    let received = 0;
    let awake = true;
    // It dozes once a turn, so that a sweep is due at every turn: also at the
    // one between the last byte owed and the next byte read.
    await using caller = await Caller.dial(server.endpoint, {
      sink: (chunk) => {
        received += chunk.length;
        if (!awake || received > 10 * MB) return;
        awake = false;
        setImmediate(() => (awake = true));
        Bun.sleepSync(110);
      },
    });
    caller.pause();
    caller.send(bulk);
    const stopping = server.stop();
    const since = performance.now();
    await until(() => performance.now() - since > 1200, "a second to pass");
    expect(caller.owing).toBeGreaterThan(0);
    caller.resume();
    await caller.rest();
    caller.finish();
    expect(await caller.closed()).toBe("FIN");
    expect(received).toBe(20 * MB);
    expect(await stopping).toBe(0);
    expect(server.told).toMatchObject([{ cause: "stop", dropped: 0 }]);
  });

  test("stop() resets and counts what is left after drainTimeout", async () => {
    await using server = await serving();
    await using slow = await stalled(server, bulk);
    await using other = await stalled(server, bulk);
    await using mute = await server.dial();
    await exchange(mute);
    expect(await server.stop({ drainTimeout: 100 })).toBe(3);
    expect(server.told.length).toBe(3);
    for (const ended of server.told) expect(ended.cause).toBe("stop");
    const { bytes, connections, closed } = server.tally;
    expect(bytes.dropped).toBe(bytes.in - bytes.out);
    expect(connections).toMatchObject({ open: 0, total: 3 });
    expect(closed).toMatchObject({ FIN: 0, RST: 0, stop: 3, error: 0 });
    expect(await slow.closed()).toBe("RST");
    expect(await other.closed()).toBe("RST");
    expect(await mute.closed()).toBe("RST");
  });

  test("stop() resets who never answers its FIN", async () => {
    await using server = await serving();
    await using caller = await server.dial();
    const stopping = server.stop({ drainTimeout: 1500 });
    expect(await caller.rest()).toBeEmpty();
    expect(await stopping).toBe(1);
    expect(await caller.closed()).toBe("RST");
    expect(server.told).toMatchObject([{ cause: "stop" }]);
  });

  test("stop() resets at once when called again", async () => {
    await using server = await serving();
    await using caller = await stalled(server, bulk);
    const first = server.stop({ drainTimeout: 1e9 });
    const second = server.stop({ drainTimeout: 1e9 });
    expect(await second).toBe(1);
    expect(await first).toBe(1);
    expect(server.told).toMatchObject([{ cause: "stop" }]);
    expect(await caller.closed()).toBe("RST");
  });

  test("stop() resets who sends after its FIN, since it can't answer", async () => {
    await using server = await serving();
    await using caller = await server.dial();
    await exchange(caller);
    const stopping = server.stop();
    expect(await caller.rest()).toBeEmpty();
    caller.send("too late");
    expect(await caller.closed()).toBe("RST");
    await stopping;
    expect(server.told).toMatchObject([
      { cause: "stop", bytesIn: 12, bytesOut: 4, dropped: 8 },
    ]);
  });

  test("stop() leaves nothing that keeps its process alive", async () => {
    const script = `
      import { startServer } from ${JSON.stringify(import.meta.resolve("../../src/index.ts"))};
      const server = await startServer({ addresses: ["127.0.0.1:0"] });
      await server.stop();`;
    const { exitCode } = Bun.spawnSync([process.execPath, "-e", script], {
      timeout: 4000,
    });
    expect(exitCode).toBe(0);
  });
});

describe("asyncDispose", () => {
  test("asyncDispose resets every connection, and waits for them", async () => {
    const server = await serving();
    await using caller = await stalled(server, bulk);
    await using other = await server.dial();
    await exchange(other);
    await server[Symbol.asyncDispose]();
    expect(server.told.map(({ cause }) => cause)).toEqual(["stop", "stop"]);
    expect(await caller.closed()).toBe("RST");
    expect(await other.closed()).toBe("RST");
  });

  test("asyncDispose cuts a drain short", async () => {
    const server = await serving();
    await using _caller = await stalled(server, bulk);
    const stopping = server.stop({ drainTimeout: 1e9 });
    await server[Symbol.asyncDispose]();
    expect(await stopping).toBe(1);
  });
});
