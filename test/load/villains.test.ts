import { describe, expect, test } from "bun:test";

import { measure, type Measuring } from "../support/load.ts";
import { goesSilent } from "../villains/goes-silent.ts";
import { reorders } from "../villains/reorders.ts";
import { stampsAndForges } from "../villains/stamps-and-forges.ts";
import { swaps } from "../villains/swaps.ts";
import { addsAtTheEnd, flipsABit } from "../villains/forgers.ts";
import { babbles, swallows } from "../villains/mutes.ts";
import {
  type Faulty,
  drips,
  drops,
  repeats,
  resetsAfter,
  finishesAfter,
} from "../villains/faulty.ts";

const SIZE = 64;
/** The message, from 0 on, that a villain spoils, and where it begins. */
const WHICH = 10;
const AT = WHICH * SIZE;

/** A load on a server that spoils one thing of each connection. */
async function suffer(server: Faulty, options: Measuring = {}) {
  return measure(server.address, {
    connections: 2,
    pipeline: 4,
    size: SIZE,
    reply: "raw",
    reconnect: false,
    warmup: 0,
    timeout: 500,
    ...options,
  });
}

describe("run() finds", () => {
  const villains = {
    "a flipped bit": {
      server: () => flipsABit(AT + 5),
      fault: {
        offset: AT + 5,
        kind: "changed",
        text: "a byte was changed (bits 00000001)",
      },
    },
    "a lost byte": {
      server: () => drops(1, AT + 5),
      fault: { offset: AT + 5, kind: "lost", text: "1 byte did not come" },
    },
    "a repeated byte": {
      server: () => repeats(1, AT + 5),
      fault: {
        offset: AT + 6,
        kind: "repeated",
        text: "the stream went back by 1 byte",
      },
    },
    "a lost message": {
      server: () => drops(SIZE, AT),
      fault: { offset: AT, kind: "lost", text: "64 bytes did not come" },
    },
    "a repeated message": {
      server: () => repeats(SIZE, AT),
      fault: {
        offset: AT + SIZE,
        kind: "repeated",
        text: "the stream went back by 64 bytes",
      },
    },
    "messages in another order": {
      server: () => reorders(SIZE, WHICH),
      fault: {
        offset: AT,
        kind: "reordered",
        text: "64 bytes came later than they should",
      },
    },
    "a server that speaks first": {
      server: () => babbles("220 hello"),
      fault: {
        offset: 0,
        kind: "surplus",
        text: "more came back than was sent",
      },
    },
  } as const;

  for (const [name, { server, fault }] of Object.entries(villains)) {
    test(name, async () => {
      await using villain = await server();
      const result = await suffer(villain);
      const { faults } = result;
      expect(faults.toSorted((a, b) => a.connection - b.connection)).toEqual([
        { connection: 0, ...fault },
        { connection: 1, ...fault },
      ]);
      expect(result.errors).toEqual({ EMISMATCH: 2 });
      expect(result.bytes.mismatched).toBeGreaterThanOrEqual(2);
      expect(result.connections.lost).toBe(2);
      expect(result.verdict).toBe("fail");
    });
  }

  test("bytes that went to another connection", async () => {
    await using villain = await swaps(SIZE, WHICH);
    const { faults, errors } = await suffer(villain, { pipeline: 1 });
    expect(faults.toSorted((a, b) => a.connection - b.connection)).toEqual([
      {
        connection: 0,
        offset: AT,
        kind: "swapped",
        text: "bytes of connection 1 came here",
      },
      {
        connection: 1,
        offset: AT,
        kind: "swapped",
        text: "bytes of connection 0 came here",
      },
    ]);
    expect(errors).toEqual({ EMISMATCH: 2 });
  });

  test("more than was sent, at the very end", async () => {
    await using villain = await addsAtTheEnd("surplus");
    const result = await suffer(villain, { connections: 1 });
    expect(result.messages.received).toBe(100);
    expect(result.bytes.mismatched).toBe("surplus".length);
    expect(result.faults).toEqual([
      {
        connection: 0,
        offset: 100 * SIZE,
        kind: "surplus",
        text: "more came back than was sent",
      },
    ]);
    expect(result.verdict).toBe("fail");
  });

  test("a changed and a lost byte between stamps", async () => {
    const forgeries = {
      changed: (chunk: Buffer, index: number) =>
        chunk.with(index, chunk[index]! ^ 2),
      lost: (chunk: Buffer, index: number) =>
        Buffer.concat([chunk.subarray(0, index), chunk.subarray(index + 1)]),
    };
    for (const [kind, forge] of Object.entries(forgeries)) {
      await using villain = await stampsAndForges(AT + 5, forge);
      const { faults, verdict } = await suffer(villain, { reply: "stamp" });
      expect(faults).toHaveLength(2);
      expect(faults[0]).toMatchObject({ offset: AT + 5, kind });
      expect(verdict).toBe("fail");
    }
  });

  test("a stamp that was damaged", async () => {
    const damaged = "[Sun Nov  1 09:05:07 2O26] ";
    await using villain = await stampsAndForges(AT, (chunk) => chunk, damaged);
    const { faults, bytes, verdict } = await suffer(villain, {
      reply: "stamp",
    });
    expect(faults[0]).toMatchObject({
      offset: 0,
      kind: "changed",
      text: `a stamp is damaged: "${damaged}"`,
    });
    expect(bytes.mismatched).toBe(2);
    expect(verdict).toBe("fail");
  });

  test("raw answers where stamped ones are expected", async () => {
    for (const size of [1, 10, 64]) {
      await using server = await drips();
      const { faults, reasons, verdict } = await suffer(server, {
        reply: "stamp",
        size,
      });
      expect(faults[0]).toMatchObject({
        offset: 0,
        kind: "changed",
        text: "no stamp, but what was sent, as with --reply raw",
      });
      const told = /^\d+ bytes? came back wrong: no stamp, but what was sent, /;
      expect(reasons![0]).toMatch(told);
      expect(verdict).toBe("fail");
    }
  });

  test("a byte that became the bracket of a stamp", async () => {
    await using villain = await stampsAndForges(AT + 5, (chunk, index) =>
      chunk.with(index, 0x5b),
    );
    const { errors, verdict } = await suffer(villain, { reply: "stamp" });
    expect(errors).toEqual({ EMISMATCH: 2 });
    expect(verdict).toBe("fail");
  });
});

describe("run() counts what is lost with a connection", () => {
  test("that was reset", async () => {
    await using villain = await resetsAfter(AT);
    const result = await suffer(villain, { pipeline: 1 });
    expect(result.errors).toEqual({ ECONNRESET: 2 });
    expect(result.messages.received).toBe(2 * WHICH);
    expect(result.messages.unanswered).toBe(result.messages.sent - 2 * WHICH);
    expect(result.connections).toMatchObject({ opened: 2, lost: 2 });
    expect(result.verdict).toBe("fail");
  });

  test("that was closed", async () => {
    await using villain = await finishesAfter(AT);
    const result = await suffer(villain, { pipeline: 1 });
    expect(result.errors).toEqual({ EEARLY: 2 });
    expect(result.messages.received).toBe(2 * WHICH);
    expect(result.verdict).toBe("fail");
  });

  test("that went silent", async () => {
    await using villain = await goesSilent(AT);
    const result = await suffer(villain, { timeout: 100 });
    expect(result.errors).toEqual({ ETIMEDOUT: 2 });
    expect(result.messages).toEqual({
      sent: 2 * (WHICH + 4),
      received: 2 * WHICH,
      unanswered: 8,
    });
    expect(result.verdict).toBe("fail");
  });

  test("that never said anything", async () => {
    await using villain = await swallows();
    const result = await suffer(villain, { timeout: 100 });
    expect(result.errors).toEqual({ ETIMEDOUT: 2 });
    expect(result.latency).toMatchObject({ count: 0, p50: null, max: null });
    expect(result.verdict).toBe("fail");
  });
});

test("run() has nothing against a server that answers byte by byte", async () => {
  await using villain = await drips();
  const result = await suffer(villain, { timeout: 10_000 });
  expect(result.messages).toEqual({ sent: 100, received: 100, unanswered: 0 });
  expect(result.verdict).toBe("pass");
});

test("run() tells no more faults than anybody reads, and counts all", async () => {
  await using villain = await flipsABit(3);
  const { faults, errors } = await suffer(villain, {
    connections: 50,
    until: { messages: 200 },
  });
  expect(errors).toEqual({ EMISMATCH: 50 });
  expect(faults).toHaveLength(20);
});
