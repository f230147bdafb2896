import { describe, expect, test } from "bun:test";

import fc from "fast-check";

import { Peer } from "../../src/server/peer.ts";
import { roomWithin, Stalls } from "../../src/inbound/stalls.ts";
import { Caller } from "../support/caller.ts";
import { ChildServer, noProc } from "../support/child.ts";
import { FakeWire } from "../support/fake-wire.ts";
import { serving, stalled } from "../support/serving.ts";
import { until } from "../support/until.ts";

const MIB = 2 ** 20;
const NOBODY = { search: "", limit: 0 };

/** As a server has them, until their scope ends. */
function stallsOf(
  most: number,
  drop: (peer: Peer) => void = () => {},
  retry: (peer: Peer) => void = () => {},
) {
  const stalls = new Stalls(most, drop);
  stalls.retry(retry, 5);
  return Object.assign(stalls, { [Symbol.dispose]: () => stalls.stop() });
}

describe("Stalls", () => {
  test("Stalls tries again and again whether those who stall are there", async () => {
    const tried: number[] = [];
    using stalls = stallsOf(MIB, undefined, ({ id }) => void tried.push(id));
    const [one, two] = [peerOf(1), peerOf(2)];
    for (const peer of [one, two]) {
      peer.outbox.hold(Buffer.from("hello"));
      stalls.update(peer);
    }
    await until(() => tried.length >= 4, "both are tried twice");
    expect(tried.slice(0, 4)).toEqual([1, 2, 1, 2]);
    stalls.remove(one);
    tried.splice(0);
    await until(() => tried.length > 0, "the other is tried");
    expect(new Set(tried)).toEqual(new Set([2]));
  });

  test("Stalls counts a peer once, however often what it is owed changes", () => {
    using stalls = stallsOf(MIB);
    const peer = peerOf(1);
    for (const bytes of ["hello", "there"]) {
      peer.outbox.hold(Buffer.from(bytes));
      stalls.update(peer);
    }
    expect(stalls).toMatchObject({ now: 1, ever: 1, pending: 10 });
    peer.outbox.flush(new FakeWire());
    stalls.update(peer);
    expect(stalls).toMatchObject({ now: 0, ever: 1, pending: 0 });
    peer.outbox.hold(Buffer.from("hello"));
    stalls.update(peer);
    expect(stalls).toMatchObject({ now: 1, ever: 2, pending: 5 });
  });

  test("Stalls drops by the memory that is held, not by the bytes owed", () => {
    const dropped: number[] = [];
    using stalls = stallsOf(MIB, ({ id }) => void dropped.push(id));
    for (const id of [1, 2, 3]) {
      const peer = peerOf(id);
      // A view of one byte keeps all of its buffer.
      peer.outbox.hold(Buffer.alloc(MIB / 2).subarray(-1));
      stalls.update(peer);
    }
    expect(dropped).toEqual([1]);
    expect(stalls).toMatchObject({ now: 2, pending: 2 });
  });

  test("Stalls holds no more than it may, and drops who stalled first", () => {
    const step = fc.record({
      who: fc.nat(5),
      does: fc.constantFrom("hold", "take", "leave"),
      bytes: fc.integer({ min: 1, max: 60 }),
    });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60 }),
        fc.integer({ min: 1, max: 150 }),
        (steps, most) => {
          const peers = Array.from({ length: 6 }, (_, id) => peerOf(id));
          const dropped: Peer[] = [];
          using stalls = stallsOf(most, (peer) => void dropped.push(peer));
          // The model: who is stalled, the longest first.
          let queue: { peer: Peer; bytes: number }[] = [];
          const sum = () => queue.reduce((all, { bytes }) => all + bytes, 0);

          for (const { who, does, bytes } of steps) {
            const peer = peers[who]!;
            const there = queue.find((one) => one.peer === peer);
            if (does === "leave") {
              stalls.remove(peer);
              queue = queue.filter((one) => one !== there);
              peers[who] = peerOf(who);
            } else {
              const delta =
                does === "hold" ? bytes : -Math.min(bytes, there?.bytes ?? 0);
              peer.outbox.pending += delta;
              peer.outbox.held += delta;
              stalls.update(peer);
              if (there !== undefined) there.bytes += delta;
              else if (delta > 0) queue.push({ peer, bytes: delta });
              queue = queue.filter((one) => one.bytes > 0);
            }
            const expected: Peer[] = [];
            while (sum() > most) expected.push(queue.shift()!.peer);
            expect(dropped.splice(0)).toEqual(expected);
            for (const { id } of expected) peers[id] = peerOf(id);
            expect(stalls.pending).toBe(sum());
            expect(stalls.now).toBe(queue.length);
          }
        },
      ),
      { seed: 20261122, numRuns: 500 },
    );
  });
});

function peerOf(id: number): Peer {
  return new Peer(id, new FakeWire());
}

test("roomWithin() leaves room for what memory costs besides", () => {
  expect(roomWithin(MIB)).toBeLessThanOrEqual(MIB / 1.22);
  expect(roomWithin(Infinity)).toBe(Infinity);
});

describe("maxPending", () => {
  test("maxPending resets who stalled first, and counts it", async () => {
    // More than the kernel holds, at which it stalls.
    const bulk = new Uint8Array(16 * MIB);
    // Two chunks of half a MiB, at most.
    await using server = await serving({ maxPending: 1.25 * MIB });
    const names: string[] = [];
    await using stack = new AsyncDisposableStack();
    while (server.told.length < 3) {
      const caller = stack.use(await server.dial());
      names.push(caller.name);
      caller.pause();
      caller.send(bulk);
      const { ever } = server.snapshot(NOBODY).stalled;
      await until(
        () => server.snapshot(NOBODY).stalled.ever > ever,
        "one more stalls",
      );
    }
    expect(server.told.map(({ peer, cause }) => [peer, cause])).toEqual(
      names.slice(0, 3).map((name) => [name, "pending"]),
    );
    const { closed, bytes } = server.tally;
    expect(closed.pending).toBe(3);
    expect(bytes.dropped).toBe(
      server.told.reduce((sum, { dropped }) => sum + dropped, 0),
    );
    const now = server.snapshot(NOBODY);
    expect(now.stalled.now).toBe(names.length - 3);
    expect(now.bytes.pending).toBe(bytes.in - bytes.out - bytes.dropped);
  });

  test("maxPending leaves alone who takes what it is owed", async () => {
    const bulk = Buffer.alloc(16 * MIB, "sounder");
    await using server = await serving({ maxPending: MIB });
    await using caller = await stalled(server, bulk);
    caller.resume();
    caller.finish();
    expect((await caller.rest()).equals(bulk)).toBe(true);
    expect(server.snapshot(NOBODY).stalled.now).toBe(0);
    expect(server.tally.closed.pending).toBe(0);
  });

  test.skipIf(noProc)(
    "maxPending bounds memory, whatever 400 peers don't read",
    async () => {
      await using server = await ChildServer.start({
        reply: "raw",
        maxPending: 64 * MIB,
      });
      const bulk = new Uint8Array(16 * MIB);
      const stallers: Caller[] = [];
      try {
        for (let each = 0; each < 400; each += 1) {
          const staller = await Caller.dial(server.endpoint);
          stallers.push(staller);
          staller.pause();
          staller.send(bulk);
        }
        // Each holds at most a chunk, 512 KiB, once the kernel holds the rest.
        let { closed } = await server.tally();
        while (closed.pending < 100) ({ closed } = await server.tally());

        const since = performance.now();
        await using brisk = await Caller.dial(server.endpoint);
        brisk.send("hello");
        expect(String(await brisk.receive(5))).toBe("hello");
        expect(performance.now() - since).toBeLessThan(2000);
        expect(server.peakMemory).toBeLessThan(200_000_000);
      } finally {
        for (const staller of stallers) staller.reset();
      }
    },
    60_000,
  );
});
