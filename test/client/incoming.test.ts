import { describe, expect, test } from "bun:test";

import * as fc from "fast-check";

import { Incoming } from "../../src/client/incoming.ts";
import { connect } from "../../src/client/connect.ts";
import { fullBacklog } from "../../src/faults/full-backlog.ts";
import { FakeWire } from "../support/fake-wire.ts";
import { serving } from "../support/serving.ts";

const reason = new Error("enough");

function incoming() {
  const wire = new FakeWire();
  return { wire, incoming: new Incoming(wire, "the peer") };
}

describe("what comes in", () => {
  test("is read in any pieces, however it was cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 200 }),
        fc.array(fc.nat(200)),
        fc.array(fc.nat(40), { maxLength: 20 }),
        async (bytes, cuts, counts) => {
          const all = Buffer.from(bytes);
          const it = incoming().incoming;
          const edges = [0, ...cuts, all.length]
            .filter((at) => at <= all.length)
            .toSorted((a, b) => a - b);
          const got: Buffer[] = [];
          const reading = (async () => {
            for (const count of counts) {
              const piece = await it.readExactly(count, {}).catch(() => null);
              if (piece === null) break;
              expect(piece.length).toBe(count);
              got.push(piece);
            }
            got.push(await it.readAll({}));
          })();
          for (const [n, edge] of edges.entries()) {
            if (n === 0) continue;
            it.push(Buffer.from(all.subarray(edges[n - 1], edge)));
            if (n % 2 === 0) await Promise.resolve();
          }
          it.end();
          await reading;
          expect(Buffer.concat(got).equals(all)).toBe(true);
        },
      ),
    );
  });

  test("that is too little is told, and can still be read", async () => {
    const it = incoming().incoming;
    it.push(Buffer.from("hello"));
    it.end();
    expect(it.readExactly(6, {})).rejects.toMatchObject({
      code: "EEARLY",
      message:
        "the peer finished after 5 of 6 bytes that were to be read (EEARLY)",
    });
    expect(String(await it.readAll({}))).toBe("hello");
    expect(String(await it.readExactly(0, {}))).toBe("");
    expect(await it.read({})).toBeUndefined();
  });

  test("an abort loses nothing, and an error comes behind what arrived", async () => {
    const it = incoming().incoming;
    for (const wait of [
      (signal: AbortSignal) => it.read({ signal }),
      (signal: AbortSignal) => it.readExactly(10, { signal }),
      (signal: AbortSignal) => it.readAll({ signal }),
    ]) {
      const abort = new AbortController();
      const waiting = wait(abort.signal);
      await Promise.resolve();
      abort.abort(reason);
      expect(waiting).rejects.toBe(reason);
      await waiting.catch(() => {});
      expect(wait(AbortSignal.abort(reason))).rejects.toBe(reason);
    }
    const abort = new AbortController();
    const waiting = it.readExactly(10, { signal: abort.signal });
    it.push(Buffer.from("hello"));
    await Promise.resolve();
    abort.abort(reason);
    await waiting.catch((error) => expect(error).toBe(reason));
    it.end(new Error("reset"));
    expect(it.readExactly(6, {})).rejects.toThrow("reset");
    expect(it.readAll({})).rejects.toThrow(/reset|pending/);
    await Promise.resolve();
    await Bun.sleep(0);
    expect(String(await it.readExactly(5, {}))).toBe("hello");
    expect(it.read({})).rejects.toThrow("reset");
  });

  test("is read one at a time", async () => {
    const it = incoming().incoming;
    const first = it.readExactly(2, {});
    for (const second of [it.read({}), it.readAll({}), it.readExactly(1, {})]) {
      expect(second).rejects.toMatchObject({ code: "EBUSY" });
    }
    it.push(Buffer.from("ab"));
    expect(String(await first)).toBe("ab");
  });

  test("pauses the socket for a reader that is behind, not for one who waits", async () => {
    const { wire, incoming: it } = incoming();
    const half = Buffer.alloc(512 * 1024);
    it.push(half);
    expect(wire.acts).toEqual([]);
    it.push(half);
    expect(wire.acts).toEqual(["pause"]);
    const all = it.readExactly(4 * half.length, {});
    await Promise.resolve();
    expect(wire.acts).toEqual(["pause", "resume"]);
    it.push(half);
    it.push(half);
    expect((await all).length).toBe(4 * half.length);
    expect(wire.acts).toEqual(["pause", "resume"]);
  });

  test.each([
    [-1, {}],
    [1.5, {}],
    ["5", {}],
    [5, { signal: "no" }],
    [5, { boo: 1 }],
  ])("readExactly(%p, %j) is refused", (count, options) => {
    const it = incoming().incoming;
    expect(it.readExactly(count as number, options as never)).rejects.toThrow(
      /^readExactly\(\): .*\(EOPTION\)$/,
    );
  });
});

describe("a connection", () => {
  test("reads exactly, and all", async () => {
    await using server = await serving();
    await using connection = await connect(server.addresses[0]);
    await connection.write(Buffer.from("hello world"));
    connection.finish();
    expect(String(await connection.readExactly(5))).toBe("hello");
    expect(String(await connection.readAll())).toBe(" world");
  });

  test("a write's wait can be aborted", async () => {
    await using server = await serving();
    await using connection = await connect(server.addresses[0]);
    const aborted = AbortSignal.abort(reason);
    const write = connection.write(Buffer.from("a"), { signal: aborted });
    expect(write).rejects.toBe(reason);
    const abort = new AbortController();
    // More than both sides hold while nobody reads.
    const bytes = Buffer.alloc(64 * 1024 * 1024);
    const long = connection.write(bytes, { signal: abort.signal });
    abort.abort(reason);
    expect(long).rejects.toBe(reason);
    await long.catch(() => {});
  });
});

describe("connect()", () => {
  test("that hangs can be aborted, and begins nothing once it was", async () => {
    const full = fullBacklog({ address: "127.0.0.1", port: 0 });
    const abort = new AbortController();
    const address = `127.0.0.1:${full.port}`;
    const connecting = connect(address, { signal: abort.signal });
    await Bun.sleep(0);
    abort.abort(reason);
    expect(connecting).rejects.toBe(reason);
    await connecting.catch(() => {});
    full.stop();
    const signal = AbortSignal.abort(reason);
    expect(connect(address, { signal })).rejects.toBe(reason);
  });

  test("that tries again can be aborted", async () => {
    const full = fullBacklog({ address: "127.0.0.1", port: 0 });
    full.stop();
    const abort = new AbortController();
    const options = { retryFor: 60_000, signal: abort.signal };
    const connecting = connect(`127.0.0.1:${full.port}`, options);
    await Bun.sleep(0);
    abort.abort(reason);
    expect(connecting).rejects.toBe(reason);
    await connecting.catch(() => {});
  });
});
