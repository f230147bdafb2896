import { describe, expect, test } from "bun:test";

import { REPLIES } from "../../src/protocol/reply.ts";
import { Caller } from "../support/caller.ts";
import { ChildServer } from "../support/child.ts";

const CLIENTS = 500;
const ROUNDS = 10;

describe("a crowd", () => {
  test.each(["raw", "stamp"] as const)(
    "a crowd of 500 in lock-step gets no answer of another's (%s)",
    async (reply) => {
      await using server = await ChildServer.start({ reply });
      const stamp = REPLIES[reply].beforeChunk;

      async function converse(client: number): Promise<void> {
        await using caller = await Caller.dial(server.endpoint);
        for (let round = 0; round < ROUNDS; round += 1) {
          const message = `${client}/${round} `.repeat(1 + (client % 50));
          caller.send(message);
          const answer = await caller.receive(stamp + message.length);
          expect(String(answer.subarray(stamp))).toBe(message);
        }
        caller.finish();
        expect(await caller.rest()).toBeEmpty();
      }
      const clients = Array.from({ length: CLIENTS }, (_, id) => converse(id));
      await Promise.all(clients);
      const { connections, closed } = await server.tally();
      expect(connections).toMatchObject({ open: 0, total: CLIENTS });
      expect(closed.FIN).toBe(CLIENTS);
    },
    20_000,
  );

  test("a crowd is served while one of it does not read", async () => {
    await using server = await ChildServer.start({ reply: "raw" });
    const bulk = new Uint8Array(20_000_000);
    await using stalled = await Caller.dial(server.endpoint);
    stalled.pause();
    stalled.send(bulk);
    const owed = async () => {
      const { bytes } = await server.tally();
      return bytes.in - bytes.out;
    };
    let before = await owed();
    while (before === 0) before = await owed();

    await using brisk = await Caller.dial(server.endpoint);
    for (let round = 0; round < 1000; round += 1) {
      brisk.send("hello");
      expect(String(await brisk.receive(5))).toBe("hello");
    }
    expect(await owed()).toBe(before);

    stalled.resume();
    stalled.finish();
    expect((await stalled.rest()).equals(bulk)).toBe(true);
  });
});
