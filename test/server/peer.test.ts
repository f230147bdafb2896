import { describe, expect, test } from "bun:test";

import { Peer } from "../../src/server/peer.ts";
import { FakeWire } from "../support/fake-wire.ts";

/** A peer that is owed so many bytes, and what is done with its socket. */
function peerOwed(bytes: number) {
  const wire = new FakeWire<Peer>();
  const peer = new Peer(1, wire);
  if (bytes > 0) peer.outbox.hold(Buffer.alloc(bytes));
  return { peer, acts: wire.acts };
}

describe("Peer", () => {
  test("finish() sends our FIN, and no more", () => {
    const { peer, acts } = peerOwed(0);
    peer.finish("stop");
    expect(acts).toEqual(["shutdown"]);
    expect(peer).toMatchObject({ phase: "finished", cause: "stop" });
  });

  test.each([
    [0, ["shutdown", "end"]],
    [5, ["terminate"]],
  ])("close() of one that is owed %d bytes: %j", (owed, expected) => {
    const { peer, acts } = peerOwed(owed);
    peer.close("idle");
    expect(acts).toEqual(expected);
    expect(peer.cause).toBe("idle");
  });

  test.each([
    [0, ["shutdown", "end"], "open"],
    [5, [], "flushing"],
  ])("end() of one that is owed %d bytes: %j", (owed, expected, phase) => {
    const { peer, acts } = peerOwed(owed);
    peer.end("owner");
    expect(acts).toEqual(expected);
    expect(peer).toMatchObject({ phase, cause: "owner", pending: owed });
    peer.closed(undefined);
    peer.end("owner");
    expect(acts).toEqual(expected);
  });

  test("reset() does nothing to one that is closed", () => {
    const { peer, acts } = peerOwed(0);
    peer.closed(undefined);
    peer.reset("error");
    expect(acts).toEqual([]);
    expect(peer.cause).toBe("FIN");
  });

  test.each([
    [0, "no error", "FIN"],
    [0, "an error", "RST"],
    [5, "no error", "RST"],
  ] as const)(
    "closed() of one that is owed %d bytes, with %s, is a %s",
    (owed, error, cause) => {
      const { peer } = peerOwed(owed);
      peer.closed(error === "an error" ? new Error() : undefined);
      expect(peer).toMatchObject({ phase: "closed", cause, pending: owed });
      expect(peer.outbox.held).toBe(0);
    },
  );

  test("closed() leaves a cause that is known", () => {
    const { peer } = peerOwed(5);
    peer.reset("pending");
    peer.closed(new Error());
    expect(peer.cause).toBe("pending");
  });
});
