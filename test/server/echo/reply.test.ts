import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";

import { Peer } from "../../../src/server/peer.ts";
import { COPY_MAX, replyOf } from "../../../src/server/echo/reply.ts";
import { ctime } from "../../../src/protocol/stamp/stamper.ts";
import { STAMP_LENGTH } from "../../../src/protocol/stamp/form.ts";
import { FakeWire } from "../../support/fake-wire.ts";

const NOON = Date.parse("2026-11-01T12:00:00Z");
const STAMP = Buffer.from(`[${ctime(new Date(NOON))}] `);

/** A peer whose socket takes what `appetites` say, then everything. */
function peerOf(appetites: number[] = []): {
  peer: Peer;
  wire: FakeWire<Peer>;
} {
  const wire = new FakeWire<Peer>(appetites);
  const peer = new Peer(1, wire);
  wire.data = peer;
  return { peer, wire };
}

let now = NOON;
const stamp = replyOf("stamp", () => now);
const raw = replyOf("raw");

/** Others are answered, and the second turns, before a peer's drain. */
function meanwhile(): void {
  now += 1000;
  stamp(peerOf().wire, Buffer.alloc(COPY_MAX, "!"));
  now = NOON;
}

describe("raw", () => {
  test("raw sends the chunk itself", () => {
    const { peer, wire } = peerOf();
    expect(raw(wire, Buffer.from("hello"))).toBe(true);
    expect(wire.writes.map(String)).toEqual(["hello"]);
    expect(peer).toMatchObject({ bytesIn: 5, bytesOut: 5 });
  });

  test("raw counts out only what was taken", () => {
    const { peer, wire } = peerOf([2]);
    expect(raw(wire, Buffer.from("hello"))).toBe(false);
    expect(peer).toMatchObject({ bytesIn: 5, bytesOut: 2 });
    peer.outbox.flush(wire);
    expect(peer).toMatchObject({ bytesIn: 5, bytesOut: 5 });
  });
});

test("a large chunk's memory is given back once it is sent", () => {
  for (const reply of [raw, stamp]) {
    for (const length of [64 * 1024, 2 ** 21]) {
      const chunk = Buffer.alloc(length);
      reply(peerOf().wire, chunk);
      expect(chunk.buffer.byteLength).toBe(0);

      const held = Buffer.alloc(length);
      const { peer, wire } = peerOf([length - 1, 0, 1]);
      reply(wire, held);
      expect(held.buffer.byteLength).toBe(length);
      while (!peer.outbox.flush(wire));
      expect(held.buffer.byteLength).toBe(0);
      expect(peer.outbox.held).toBe(0);
    }
    const small = Buffer.from("hello");
    reply(peerOf().wire, small);
    expect(String(small)).toBe("hello");
  }
});

describe("stamp", () => {
  test("stamp and a small chunk go out in one write", () => {
    const { wire } = peerOf();
    expect(stamp(wire, Buffer.from("hello"))).toBe(true);
    expect(wire.writes).toEqual([Buffer.concat([STAMP, Buffer.from("hello")])]);
  });

  test.each([1, COPY_MAX - 1, COPY_MAX, COPY_MAX + 1, 512 * 1024, 2 ** 21])(
    "stamp goes once before a chunk of %d bytes",
    (length) => {
      const { peer, wire } = peerOf();
      const chunk = Buffer.alloc(length, "c");
      expect(stamp(wire, Buffer.from(chunk))).toBe(true);
      const taken = wire.taken;
      expect(taken.equals(Buffer.concat([STAMP, chunk]))).toBe(true);
      expect(wire.writes.length).toBe(length > COPY_MAX ? 2 : 1);
      expect(peer.bytesIn).toBe(length);
      expect(peer.bytesOut).toBe(length + STAMP_LENGTH);
    },
  );

  test("stamp is whole wherever the kernel splits it", () => {
    const chunk = Buffer.from("hello, world");
    const whole = Buffer.concat([STAMP, chunk]);
    for (let split = 0; split < whole.length; split += 1) {
      const { peer, wire } = peerOf([split]);
      expect(stamp(wire, chunk)).toBe(false);
      expect(peer.outbox.pending).toBe(whole.length - split);
      expect(peer.bytesOut).toBe(split);

      meanwhile();
      peer.outbox.flush(wire);
      expect(String(wire.taken)).toBe(String(whole));
      expect(peer.bytesOut).toBe(whole.length);
    }
  });

  test("stamp is whole wherever a large answer is split", () => {
    const chunk = Buffer.alloc(COPY_MAX + 1, "c");
    const whole = Buffer.concat([STAMP, chunk]);
    for (let split = 0; split < STAMP_LENGTH; split += 1) {
      const { peer, wire } = peerOf([split, 0, 1, COPY_MAX]);
      expect(stamp(wire, Buffer.from(chunk))).toBe(false);
      meanwhile();
      while (!peer.outbox.flush(wire));
      expect(wire.taken.equals(whole)).toBe(true);
    }
  });

  test("stamp tells a dead connection, large chunk or small", () => {
    for (const length of [5, COPY_MAX + 1]) {
      const { peer, wire } = peerOf([-1, -1]);
      expect(stamp(wire, Buffer.alloc(length))).toBe(false);
      expect(peer.bytesOut).toBe(0);
      expect(peer.outbox).toMatchObject({
        pending: STAMP_LENGTH + length,
        refused: true,
      });
    }
  });

  test("stamp keeps every chunk and its stamp in order for many peers", () => {
    const lengths = fc.oneof(
      fc.integer({ min: 1, max: 60 }),
      fc.constantFrom(COPY_MAX, COPY_MAX + 1),
    );
    const appetite = fc.oneof(
      fc.constant(0),
      fc.integer({ min: 1, max: 60 }),
      fc.constantFrom(COPY_MAX, Infinity),
    );
    const event = fc.record({ peer: fc.nat({ max: 2 }), length: lengths });
    const appetites = fc.array(appetite, { maxLength: 20 });
    fc.assert(
      fc.property(
        fc.array(event, { maxLength: 20 }),
        fc.array(appetites, { minLength: 3, maxLength: 3 }),
        (events, each) => {
          const peers = each.map((script) => peerOf(script));
          const owed: Buffer[][] = [[], [], []];
          events.forEach(({ peer: who, length }, index) => {
            const chunk = Buffer.alloc(length, 0x61 + index);
            owed[who]!.push(STAMP, chunk);
            stamp(peers[who]!.wire, Buffer.from(chunk));
          });
          peers.forEach(({ peer, wire }, who) => {
            const whole = Buffer.concat(owed[who]!);
            expect(peer.bytesOut).toBe(wire.taken.length);
            while (!peer.outbox.flush(wire));
            expect(wire.taken.equals(whole)).toBe(true);
            expect(peer.bytesOut).toBe(whole.length);
          });
        },
      ),
      { seed: 1, numRuns: 200 },
    );
  });
});
