import { describe, expect, test } from "bun:test";

import {
  IdleTimeouts,
  type IdleTimeoutsOptions,
} from "../../src/inbound/idle-timeouts.ts";
import { Peer } from "../../src/server/peer.ts";
import { FakeWire } from "../support/fake-wire.ts";
import { serving, type Serving, stalled } from "../support/serving.ts";
import { until } from "../support/until.ts";

/** A sweep each half a second finds out, and one more has to come. */
const EXACT = 1000;
/** What a busy machine may add. */
const LATE = 2000;

/** Idle timeouts of peers without sockets, and who was ended when. */
function watched(options: IdleTimeoutsOptions, count: number) {
  const start = performance.now();
  const ended = new Map<Peer, { cause: string; after: number }>();
  const open = new Set<Peer>();
  const peers = Array.from({ length: count }, (_, id) => {
    const wire = new FakeWire<Peer>();
    const peer = new Peer(id, wire);
    wire.terminate = wire.shutdown = () => {
      open.delete(peer);
      const after = performance.now() - start;
      ended.set(peer, { cause: peer.cause, after });
    };
    open.add(peer);
    return peer;
  });
  const timeouts = new IdleTimeouts(open, options);
  return { peers, ended, [Symbol.dispose]: () => timeouts.stop() };
}

describe("IdleTimeouts", () => {
  test("IdleTimeouts ends who was idle, to the second, and nobody else", async () => {
    using it = watched({ idleTimeout: 1200 }, 3);
    const [silent, receives, takes] = it.peers as [Peer, Peer, Peer];
    takes.bytesIn = 1e9;
    takes.outbox.pending = 1e9;
    await until(() => {
      receives.bytesIn += 1;
      // A stalled peer that takes a little now and then.
      takes.outbox.pending -= 1;
      return it.ended.size > 0;
    }, "one is ended");
    expect([...it.ended.keys()]).toEqual([silent]);
    const { cause, after } = it.ended.get(silent)!;
    expect(cause).toBe("idle");
    expect(after).toBeGreaterThanOrEqual(1200);
    expect(after).toBeLessThan(1200 + EXACT + LATE);
    await until(() => it.ended.size === 3, "the others fall silent, too");
  });

  test("IdleTimeouts takes no one for idle whose turn it is not", async () => {
    using it = watched({ idleTimeout: 700 }, 3);
    const [waits, owed, silent] = it.peers as [Peer, Peer, Peer];
    waits.isPaused = true;
    owed.isPaused = true;
    owed.outbox.pending = 1;
    await until(() => it.ended.size === 2, "the others are ended");
    expect(it.ended.has(owed)).toBe(true);
    expect(it.ended.has(silent)).toBe(true);
    waits.isPaused = false;
    await until(() => it.ended.size === 3, "it is idle, too");
  });

  test("IdleTimeouts does not count what its process stood still", async () => {
    using it = watched({ idleTimeout: 1200 }, 1);
    // A sweep sees it; then nothing is read, as while a machine is suspended.
    await Bun.sleep(700);
    Bun.sleepSync(2000);
    const since = performance.now();
    await until(() => it.ended.size > 0, "it is ended");
    // The next two sweeps count for no more than a second.
    expect(performance.now() - since).toBeGreaterThan(150);
  });

  test("IdleTimeouts ends who was open for too long, however busy", async () => {
    using it = watched({ maxLifetime: 700, idleTimeout: 60_000 }, 2);
    await until(() => {
      it.peers[0]!.bytesIn += 1;
      return it.ended.size === 2;
    }, "both are ended");
    for (const { cause, after } of it.ended.values()) {
      expect(cause).toBe("lifetime");
      expect(after).toBeGreaterThanOrEqual(700);
      expect(after).toBeLessThan(700 + EXACT + LATE);
    }
  });
});

/** A TLS peer that reads no more than an answer: no end of ours. */
async function deaf({ endpoint }: Serving) {
  const answered = Promise.withResolvers<void>();
  const { host, port } = endpoint as { host: string; port: number };
  const socket = await Bun.connect({
    hostname: host,
    port,
    tls: { rejectUnauthorized: false },
    socket: {
      handshake: (wire) => void wire.write("hello"),
      data(wire) {
        wire.pause();
        answered.resolve();
      },
    },
  });
  await answered.promise;
  return { [Symbol.dispose]: () => socket.terminate() };
}

describe.each([{ idleTimeout: 600 }, { maxLifetime: 600 }])("%j", (limit) => {
  test("ends a TLS peer that does not end, too", async () => {
    const addresses = ["tls://127.0.0.1:0"];
    await using server = await serving({ addresses, ...limit });
    using _peer = await deaf(server);
    const since = performance.now();
    await until(() => server.told.length > 0, "it is gone");
    expect(performance.now() - since).toBeLessThan(600 + EXACT + LATE);
    const cause = "idleTimeout" in limit ? "idle" : "lifetime";
    expect(server.told).toMatchObject([{ cause, bytesOut: 5, dropped: 0 }]);
    expect(server.tally.connections.open).toBe(0);
  });
});

test.each([
  ["answers our FIN", true, 0],
  ["does not answer our FIN", false, 1000],
])("idleTimeout ends a connection whose peer %s", async (_, answers, least) => {
  await using server = await serving({ idleTimeout: 600 });
  await using idle = await server.dial();
  expect(await idle.rest()).toBeEmpty();
  const since = performance.now();
  if (answers) idle.finish();
  else expect(server.told).toEqual([]);
  await until(() => server.told.length > 0, "it is closed");
  const after = performance.now() - since;
  // A sweep may come a little early.
  expect(after).toBeGreaterThanOrEqual(least - 100);
  if (answers) expect(after).toBeLessThan(900);
  expect(server.told).toMatchObject([{ cause: "idle", dropped: 0 }]);
  expect(server.tally.closed).toMatchObject({ idle: 1, FIN: 0, RST: 0 });
});

describe("idleTimeout", () => {
  test("idleTimeout sends a FIN to who is owed nothing", async () => {
    await using server = await serving({ idleTimeout: 600 });
    await using idle = await server.dial();
    await using busy = await server.dial();
    const rest = idle.rest();
    while (!idle.finished) {
      busy.send("hello");
      expect(String(await busy.receive(5))).toBe("hello");
    }
    expect(await rest).toBeEmpty();
    idle.finish();
    await until(() => server.told.length > 0, "it is closed");
    expect(server.told).toMatchObject([
      { peer: idle.name, cause: "idle", dropped: 0 },
    ]);
    expect(server.tally.closed).toMatchObject({ idle: 1, FIN: 0 });
  });

  test("idleTimeout resets who takes nothing of what it is owed", async () => {
    await using server = await serving({ idleTimeout: 600 });
    await using caller = await stalled(server, new Uint8Array(2 ** 24));
    await until(() => server.told.length > 0, "it is ended");
    const [ended] = server.told;
    expect(ended).toMatchObject({ peer: caller.name, cause: "idle" });
    expect(ended!.dropped).toBeGreaterThan(0);
  });
});
