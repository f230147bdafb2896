import { describe, expect, test } from "bun:test";

import { echoHandlers } from "../../../src/server/echo/handlers.ts";
import { Peer } from "../../../src/server/peer.ts";
import { replyOf } from "../../../src/server/echo/reply.ts";
import { FakeWire } from "../../support/fake-wire.ts";

/** A peer behind the handlers, whose kernel takes what `appetites` say. */
function opened(...appetites: number[]) {
  const told: Peer[] = [];
  const faults: unknown[] = [];
  const handlers = echoHandlers(replyOf("raw"), {
    opened: (socket) => (socket.data = new Peer(1, socket)),
    closed: (peer) => told.push(peer),
    owed() {},
    failed: (error) => faults.push(error),
  });
  const wire = new FakeWire<Peer>(appetites);
  handlers.open(wire);
  const hears = (text: string) => handlers.data(wire, Buffer.from(text));
  return {
    wire,
    acts: wire.acts,
    peer: wire.data,
    handlers,
    hears,
    told,
    faults,
  };
}

describe("echoHandlers()", () => {
  test("echoHandlers() pauses while something is owed, and no longer", () => {
    const { wire, acts, handlers, hears } = opened(2, 1, 0);
    hears("hello");
    expect(acts).toEqual(["pause"]);
    handlers.writable(wire);
    handlers.writable(wire);
    expect(acts).toEqual(["pause"]);
    handlers.writable(wire);
    expect(acts).toEqual(["pause", "resume"]);
    expect(String(wire.taken)).toBe("hello");
  });

  test("echoHandlers() does nothing at a drain that was not awaited", () => {
    const { wire, acts, handlers, hears } = opened();
    handlers.writable(wire);
    hears("hello");
    handlers.writable(wire);
    expect(acts).toEqual([]);
  });

  test("echoHandlers() finishes at once when nothing is owed", () => {
    const { wire, acts, handlers, hears } = opened();
    hears("hello");
    handlers.end(wire);
    expect(acts).toEqual(["end"]);
  });

  test("echoHandlers() finishes behind what is owed", () => {
    const { wire, acts, peer, handlers, hears } = opened(2, 1);
    hears("hello");
    handlers.end(wire);
    handlers.writable(wire);
    expect(peer.phase).toBe("flushing");
    expect(acts).toEqual(["pause"]);
    handlers.writable(wire);
    expect(String(wire.taken)).toBe("hello");
    expect(acts).toEqual(["pause", "end"]);
  });

  test("echoHandlers() resets who sends when we have finished", () => {
    for (const taken of [-1, 0, 2]) {
      const { acts, peer, hears } = opened(taken);
      peer.phase = "finished";
      hears("hello");
      expect(acts).toEqual(["terminate"]);
    }
  });

  test("echoHandlers() resets where a write meets the peer's reset", () => {
    // Paused, such a socket would never be told to be closed.
    const atOnce = opened(-1);
    atOnce.hears("hello");
    expect(atOnce.acts).toEqual(["terminate"]);

    const later = opened(2, -1);
    later.hears("hello");
    later.handlers.writable(later.wire);
    expect(later.acts).toEqual(["pause", "terminate"]);
  });

  test("echoHandlers() finds a reset out by what comes while it is paused", () => {
    const { wire, acts, peer, handlers, hears } = opened(2, 0, -1);
    hears("hello");
    // As TLS has it: more of what was read before.
    hears("there");
    expect(acts).toEqual(["pause"]);
    hears("after the reset");
    expect(acts).toEqual(["pause", "terminate"]);
    handlers.close(wire);
    expect(peer).toMatchObject({ cause: "RST", pending: 23 });
  });

  test("echoHandlers() goes on where what comes while paused is taken", () => {
    const { wire, acts, hears } = opened(2);
    hears("hello");
    hears("there");
    expect(String(wire.taken)).toBe("hellothere");
    expect(acts).toEqual(["pause", "resume"]);
    hears("again");
    expect(acts).toEqual(["pause", "resume"]);
  });

  test("echoHandlers() pauses each time that something is owed", () => {
    const { wire, acts, handlers, hears } = opened(2, 3, 1, 2);
    for (const text of ["hello", "you"]) {
      hears(text);
      handlers.writable(wire);
    }
    expect(String(wire.taken)).toBe("helloyou");
    expect(acts).toEqual(["pause", "resume", "pause", "resume"]);
  });

  test("echoHandlers() holds nothing for one that is closed", () => {
    const { wire, peer, handlers, hears } = opened(2);
    hears("hello");
    expect(peer.outbox.held).toBeGreaterThan(0);
    handlers.close(wire);
    expect(peer.outbox).toMatchObject({ pending: 3, held: 0 });
    // A drain that was on its way finds nothing to write.
    handlers.writable(wire);
    expect(wire.writes).toHaveLength(1);
  });

  test("echoHandlers() resets a connection whose handling fails", () => {
    const { wire, acts, peer, handlers, told, faults } = opened();
    const fault = new Error("a fault");
    handlers.error(wire, fault);
    handlers.close(wire);
    expect(faults).toEqual([fault]);
    expect(acts).toEqual(["terminate"]);
    expect(told).toEqual([peer]);
    expect(peer).toMatchObject({ cause: "error", phase: "closed" });
  });

  test("echoHandlers() tells a fault before there is a peer, and resets", () => {
    const { handlers, told, faults } = opened();
    const stranger = new FakeWire<Peer>();
    const fault = new Error("a fault");
    handlers.error(stranger, fault);
    handlers.close(stranger);
    expect(stranger.acts).toEqual(["terminate"]);
    expect({ told, faults }).toEqual({ told: [], faults: [fault] });
  });

  test("echoHandlers() tells FIN from RST", () => {
    const reset = Object.assign(new Error(), { code: "ECONNRESET" });
    const causeOf = (appetite: number, error?: Error) => {
      const { wire, peer, handlers, hears } = opened(appetite);
      hears("hello");
      handlers.close(wire, error);
      return peer.cause;
    };
    expect(causeOf(5)).toBe("FIN");
    expect(causeOf(5, reset)).toBe("RST");
    expect(causeOf(2, reset)).toBe("RST");
    // A write can meet the reset first, and the close has no error then.
    expect(causeOf(-1)).toBe("RST");
  });

  test("echoHandlers() keeps the cause that this server gave", () => {
    const { wire, peer, handlers } = opened();
    peer.cause = "stop";
    handlers.close(wire, new Error("reset"));
    expect(peer.cause).toBe("stop");
  });
});
