import { describe, expect, test } from "bun:test";

import { Peer } from "../../src/server/peer.ts";
import { startServer } from "../../src/server/server.ts";
import { STAMP_LENGTH } from "../../src/protocol/stamp/form.ts";
import { TallyKeeper } from "../../src/server/tally.ts";
import { Caller } from "../support/caller.ts";
import { FakeWire } from "../support/fake-wire.ts";

/** One of a keeper's peers, that has sent and is owed so many bytes. */
function peerOf(keeper: TallyKeeper, bytesIn: number, pending: number): Peer {
  const peer = new Peer(keeper.opened(), new FakeWire());
  peer.bytesIn = bytesIn;
  if (pending > 0) peer.outbox.hold(Buffer.alloc(pending));
  return peer;
}

describe("TallyKeeper", () => {
  test("TallyKeeper begins with nothing", () => {
    expect(new TallyKeeper().read(new Set())).toMatchObject({
      connections: { open: 0, total: 0 },
      bytes: { in: 0, out: 0, dropped: 0 },
      closed: { FIN: 0, RST: 0, stop: 0, error: 0 },
    });
  });

  test("TallyKeeper adds up who is open and who was", () => {
    const keeper = new TallyKeeper();
    const one = peerOf(keeper, 100, 0);
    const two = peerOf(keeper, 200, 50);
    const three = peerOf(keeper, 400, 30);
    three.cause = "RST";
    three.added = 54;
    expect(keeper.read(new Set([one, two, three]))).toMatchObject({
      connections: { open: 3, total: 3 },
      bytes: { in: 700, out: 674, dropped: 0 },
      closed: { FIN: 0, RST: 0, stop: 0, error: 0 },
    });

    keeper.ended(one);
    keeper.ended(three);
    expect(keeper.read(new Set([two]))).toMatchObject({
      connections: { open: 1, total: 3 },
      bytes: { in: 700, out: 674, dropped: 30 },
      closed: { FIN: 1, RST: 1, stop: 0, error: 0 },
    });
  });

  test("TallyKeeper makes a new tally for each look", () => {
    const keeper = new TallyKeeper();
    const before = keeper.read(new Set());
    keeper.ended(peerOf(keeper, 10, 0));
    expect(before.bytes.in).toBe(0);
    expect(before.closed.FIN).toBe(0);
    expect(keeper.read(new Set())).not.toBe(keeper.read(new Set()));
  });
});

describe("tally", () => {
  test("tally counts every byte and stamp of connections open or gone", async () => {
    await using server = await startServer({ addresses: ["127.0.0.1:0"] });
    const answer = 5 + STAMP_LENGTH;
    async function exchange(caller: Caller): Promise<void> {
      caller.send("hello");
      await caller.receive(answer);
    }
    await using one = await Caller.dial(server.addresses[0]!);
    await using two = await Caller.dial(server.addresses[0]!);
    await exchange(one);
    await exchange(two);
    await exchange(two);
    expect(server.tally).toMatchObject({
      connections: { open: 2, total: 2 },
      bytes: { in: 15, out: 3 * answer, dropped: 0 },
      closed: { FIN: 0, RST: 0, stop: 0, error: 0 },
    });

    one.finish();
    await one.closed();
    await exchange(two);
    two.reset();
    await server.stop();
    expect(server.tally).toMatchObject({
      connections: { open: 0, total: 2 },
      bytes: { in: 20, out: 4 * answer, dropped: 0 },
      closed: { FIN: 1, RST: 1, stop: 0, error: 0 },
    });
  });
});
