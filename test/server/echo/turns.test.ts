import { describe, expect, test } from "bun:test";

import { echoHandlers } from "../../../src/server/echo/handlers.ts";
import { Peer } from "../../../src/server/peer.ts";
import { replyOf } from "../../../src/server/echo/reply.ts";
import { BULK, Turns } from "../../../src/server/echo/turns.ts";
import type { Caller } from "../../support/caller.ts";
import { FakeWire } from "../../support/fake-wire.ts";
import { serving } from "../../support/serving.ts";

const MIB = 2 ** 20;
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

function peerOf(id: number): Peer & { wire: FakeWire<Peer> } {
  return new Peer(id, new FakeWire<Peer>()) as Peer & { wire: FakeWire<Peer> };
}

describe("Turns", () => {
  test("Turns lets a megabyte pass in a turn, and pauses whoever is beyond", async () => {
    const turns = new Turns();
    const peer = peerOf(1);
    for (let each = 0; each < 3; each += 1) {
      turns.took(peer, MIB / 2);
      expect(peer.wire.acts).toEqual([]);
      await turn();
    }
    turns.took(peer, MIB / 2);
    turns.took(peer, MIB / 2);
    expect(peer.wire.acts).toEqual(["pause"]);
    expect(peer.isWaiting).toBe(true);
    await turn();
    expect(peer.wire.acts).toEqual(["pause", "resume"]);
    expect(peer.isWaiting).toBe(false);
    turns.took(peer, MIB / 2);
    expect(peer.wire.acts).toEqual(["pause", "resume"]);
  });

  test("Turns reads from two at a time, each in its turn", async () => {
    const turns = new Turns();
    const peers = [1, 2, 3, 4, 5].map(peerOf);
    const read = () =>
      peers
        .filter(({ wire }) => wire.acts.at(-1) !== "pause")
        .map(({ id }) => id);
    for (const peer of peers) turns.took(peer, MIB);
    expect(read()).toEqual([]);
    await turn();
    expect(read()).toEqual([1, 2]);
    // While others wait, even a little is enough to be the last of them.
    turns.took(peers[0]!, BULK);
    expect(read()).toEqual([2]);
    await turn();
    expect(read()).toEqual([2, 3, 4]);
    turns.remove(peers[4]!);
    await turn();
    expect(read()).toEqual([1, 2, 3, 4]);
    await turn();
    expect(peers[4]!.wire.acts).toEqual(["pause"]);
  });

  test("Turns leaves one paused that is owed something", async () => {
    const turns = new Turns();
    const peer = peerOf(1);
    turns.took(peer, MIB);
    peer.outbox.hold(Buffer.from("hello"));
    await turn();
    expect(peer.wire.acts).toEqual(["pause"]);
    expect(peer.isPaused).toBe(true);
  });
});

describe("echoHandlers()", () => {
  test("echoHandlers() has who sends in bulk take turns, and nobody else", async () => {
    const handlers = echoHandlers(replyOf("raw"), {
      opened: (wire) => (wire.data = new Peer(1, wire, undefined)),
      closed() {},
      owed() {},
      failed() {},
    });
    const open = () => {
      const wire = new FakeWire<Peer>();
      handlers.open(wire);
      return wire;
    };
    const [bulk, line, gone] = [open(), open(), open()];
    for (let each = 0; each < 2; each += 1) {
      handlers.data(bulk, Buffer.alloc(MIB / 2));
    }
    handlers.data(line, Buffer.alloc(BULK - 1));
    handlers.data(gone, Buffer.alloc(BULK));
    expect([bulk.acts, line.acts]).toEqual([["pause"], []]);
    handlers.close(gone);
    await turn();
    await turn();
    expect(bulk.acts).toEqual(["pause", "resume"]);
    expect(gone.acts).toEqual(["pause"]);
  });
});

test("a crowd that sends in bulk gets every byte back", async () => {
  await using server = await serving();
  await using stack = new AsyncDisposableStack();
  const bulk = Buffer.alloc(4 * MIB, "sounder");
  const callers: Caller[] = [];
  while (callers.length < 12) callers.push(stack.use(await server.dial()));
  for (const caller of callers) {
    caller.send(bulk);
    caller.finish();
  }
  for (const caller of callers) {
    expect((await caller.rest()).equals(bulk)).toBe(true);
  }
}, 60_000);
