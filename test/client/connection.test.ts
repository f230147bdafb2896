import {
  afterEach,
  beforeEach,
  describe,
  expect,
  type Mock,
  spyOn,
  test,
} from "bun:test";

import * as fc from "fast-check";

import {
  type Connection,
  connectionHandlers,
  connectionOn,
} from "../../src/client/connection.ts";
import { failed } from "../support/failed.ts";
import { FakeWire } from "../support/fake-wire.ts";
import { expectReset } from "../support/reset.ts";

const KIB = 1024;

/** @param appetites what the kernel takes of each write, at first */
function connected(...appetites: number[]) {
  const wire = new FakeWire<Connection>(appetites);
  const { data, writable, end, close } = connectionHandlers;
  const on = {
    data: (chunk: Buffer) => data(wire, chunk),
    writable: () => writable(wire),
    end: () => end(wire),
    close: (error?: Error) => close(wire, error),
  };
  return { wire, connection: connectionOn(wire, "peer:1"), on };
}

function isPending(promise: Promise<unknown>): boolean {
  return Bun.peek.status(promise) === "pending";
}

function isPaused(wire: FakeWire<Connection>): boolean {
  return wire.acts.at(-1) === "pause";
}

test("write() resolves when the kernel has taken all, and counts what it took", async () => {
  const { connection, on } = connected(3, 1);
  const writing = connection.write(Buffer.from("hello"));
  const behind = connection.write(Buffer.from("!"));
  expect(isPending(writing)).toBe(true);
  expect(connection.bytesSent).toBe(3);

  on.writable();
  expect(isPending(writing)).toBe(true);
  expect(connection.bytesSent).toBe(4);

  on.writable();
  await Promise.all([writing, behind]);
  expect(connection.bytesSent).toBe(6);
});

test("write() refuses once finish() was called", async () => {
  const { connection } = connected();
  connection.finish();
  await expect(connection.write(Buffer.from("x"))).rejects.toMatchObject({
    code: "EPIPE",
    message:
      "cannot write to peer:1: finish() was called, or the connection is " +
      "over (EPIPE)",
  });
});

test("finish() sends the FIN behind what is still to be sent, once", () => {
  const { wire, connection, on } = connected(0);
  void connection.write(Buffer.from("hello"));
  connection.finish();
  connection.finish();
  expect(wire.acts).toEqual([]);
  on.writable();
  on.writable();
  expect(wire.acts).toEqual(["shutdown"]);
  on.end();
  expect(wire.acts).toEqual(["shutdown", "end"]);
});

test("finish() after the peer's FIN closes both directions", () => {
  const { wire, connection, on } = connected();
  on.end();
  expect(wire.acts).toEqual([]);
  connection.finish();
  expect(wire.acts).toEqual(["end"]);
});

test("read() gives the chunks in order, then the end, for ever", async () => {
  const { connection, on } = connected();
  const first = connection.read();
  on.data(Buffer.from("a"));
  on.data(Buffer.from("b"));
  on.end();
  on.close();
  expect(String(await first)).toBe("a");
  expect(String(await connection.read())).toBe("b");
  expect(await connection.read()).toBeUndefined();
  expect(await connection.read()).toBeUndefined();
});

test("read() resolves at the peer's FIN", async () => {
  const { connection, on } = connected();
  const reading = connection.read();
  on.end();
  expect(await reading).toBeUndefined();
});

test("read() tells a reset after what arrived before it", async () => {
  const { connection, on } = connected();
  on.data(Buffer.from("a"));
  on.close(Object.assign(new Error(), { code: "ECONNRESET" }));
  expect(String(await connection.read())).toBe("a");
  const reset = {
    code: "ECONNRESET",
    message:
      "the connection to peer:1 ended after 0 bytes sent and 1 received, " +
      "then … of silence: the peer reset the connection (ECONNRESET)",
  };
  expect(await failed(connection.read())).toEqual(reset);
  expect(await failed(connection.read())).toEqual(reset);
  expect(await failed(connection.write(Buffer.from("x")))).toEqual(reset);
});

test("a reset rejects the read and the write that wait", async () => {
  const { connection, on } = connected(0);
  const reading = connection.read();
  const writing = connection.write(Buffer.from("x"));
  on.close(Object.assign(new Error(), { code: "ECONNRESET" }));
  await expectReset(reading, writing);
  await connection.closed;
});

test("a reset that a write meets first is a reset to the reader, too", async () => {
  const { connection, on } = connected(-1, -1);
  const reading = connection.read();
  const writing = connection.write(Buffer.from("x"));
  on.writable();
  on.end();
  on.close();
  await expectReset(reading, writing);
});

test("close() sends our FIN to a peer that has finished and has everything", () => {
  const { connection, on, wire } = connected();
  void connection.write(Buffer.from("hello"));
  on.end();
  connection.close();
  expect(wire.acts).toEqual(["end"]);
});

test("close() resets a peer that may still send, or lacks something", async () => {
  const { connection, wire } = connected();
  connection.close();
  expect(wire.acts).toEqual(["terminate"]);

  const owing = connected(3);
  const writing = owing.connection.write(Buffer.from("hello"));
  owing.on.end();
  owing.connection.close();
  expect(owing.wire.acts).toEqual(["terminate"]);
  owing.on.close();
  await expect(writing).rejects.toMatchObject({ code: "ECONNRESET" });
});

test("reset() drops what was not sent, and does nothing once it is over", () => {
  const { wire, connection, on } = connected();
  connection.reset();
  expect(wire.acts).toEqual(["terminate"]);
  on.close();
  connection.reset();
  expect(wire.acts).toEqual(["terminate"]);
});

test("a reader that is behind pauses the socket until it has caught up", async () => {
  const { wire, connection, on } = connected();
  const chunk = Buffer.alloc(512 * KIB);
  on.data(chunk);
  expect(isPaused(wire)).toBe(false);
  on.data(chunk);
  expect(isPaused(wire)).toBe(true);
  await connection.read();
  expect(isPaused(wire)).toBe(true);
  await connection.read();
  expect(isPaused(wire)).toBe(false);
});

test("no more is kept than two of the largest chunks, whatever the order", async () => {
  const step = fc.oneof(
    fc.record({ arrives: fc.integer({ min: 1, max: 512 * KIB }) }),
    fc.constant("read" as const),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const { wire, connection, on } = connected();
      let read = 0;
      for (const what of steps) {
        const kept = connection.bytesReceived - read;
        if (what === "read") {
          if (kept > 0) read += (await connection.read())!.length;
        } else if (!isPaused(wire)) on.data(Buffer.alloc(what.arrives));
        expect(connection.bytesReceived - read).toBeLessThan(1536 * KIB);
      }
      while (connection.bytesReceived > read) {
        read += (await connection.read())!.length;
      }
      expect(isPaused(wire)).toBe(false);
    }),
    { seed: 2, numRuns: 50 },
  );
});

test("a fault of our own while it is handled is told as such", async () => {
  const { connection, wire } = connected();
  const reading = connection.read();
  connectionHandlers.error(wire, new Error("a fault"));
  expect(await failed(reading)).toEqual({
    code: "EFAULT",
    message:
      "the connection to peer:1 ended with nothing sent or received in " +
      "…: our own code failed: a fault (EFAULT)",
  });
  expect(wire.acts).toEqual(["terminate"]);
});

describe("silence", () => {
  let now = 0;
  let clock: Mock<typeof performance.now>;
  beforeEach(() => {
    now = 1000;
    clock = spyOn(performance, "now").mockImplementation(() => now);
  });
  afterEach(() => clock.mockRestore());

  test("silence is since a byte last moved, whichever way", () => {
    const { connection, on } = connected(1, 1, 0);
    now += 7;
    expect(connection.silence).toBe(7);
    void connection.write(Buffer.from("abc"));
    expect(connection.silence).toBe(0);
    now += 5;
    on.writable();
    expect(connection.silence).toBe(0);
    now += 5;
    // Nothing is taken.
    on.writable();
    expect(connection.silence).toBe(5);
    on.data(Buffer.from("a"));
    expect(connection.silence).toBe(0);
  });

  test("silence ends with the peer's FIN, or with the connection", async () => {
    const { connection, on } = connected();
    now += 3;
    on.end();
    now += 10;
    expect(connection.silence).toBe(3);
    on.close();
    expect(connection.silence).toBe(3);

    const { connection: other, on: others } = connected();
    now += 4;
    others.close(Object.assign(new Error(), { code: "ECONNRESET" }));
    now += 10;
    expect(other.silence).toBe(4);
    await expect(other.read()).rejects.toThrow("received in 4.00 ms: ");
  });
});
