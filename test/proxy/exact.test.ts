import { describe, expect, test } from "bun:test";

import fc from "fast-check";

import type { Connection } from "../../src/client/connection.ts";
import { connect } from "../../src/client/connect.ts";
import { noPython } from "../support/python.ts";
import { temporaryFolder } from "../support/folder.ts";
import { overPath, type Part } from "../support/path-ends.ts";
import { proxiedServer, proxying } from "../support/proxying.ts";
import { serving } from "../support/serving.ts";
import { until } from "../support/until.ts";

const MiB = 2 ** 20;

/** Bytes that differ wherever one is lost, repeated or moved. */
function bytesOf(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at + 4 <= length; at += 4) {
    bytes.writeUInt32LE((at * 2_654_435_761) >>> 0, at);
  }
  return bytes;
}

/** What comes back of bytes, up to the FIN. */
async function echoed(connection: Connection, bytes: Buffer): Promise<Buffer> {
  const sent = connection.write(bytes).then(() => connection.finish());
  const got: Buffer[] = [];
  for await (const chunk of connection) got.push(Buffer.from(chunk));
  await sent;
  return Buffer.concat(got);
}

describe("a proxy without faults", () => {
  test("passes on what is cut anywhere, both ways", async () => {
    await using it = await proxiedServer();
    const sizes = fc.array(
      fc.oneof(
        fc.integer({ min: 1, max: 100 }),
        fc.constantFrom(16_383, 65_536, 524_288, 524_289),
      ),
      { minLength: 1, maxLength: 8 },
    );
    await fc.assert(
      fc.asyncProperty(sizes, async (pieces) => {
        const all = bytesOf(pieces.reduce((sum, size) => sum + size, 0));
        await using caller = await it.proxy.dial();
        let at = 0;
        for (const size of pieces) {
          caller.send(all.subarray(at, at + size));
          at += size;
          // So that each may arrive by itself.
          await Bun.sleep(0);
        }
        caller.finish();
        expect((await caller.rest()).equals(all)).toBe(true);
      }),
      { seed: 20261125, numRuns: 30 },
    );
    await until(() => it.proxy.tally.connections.open === 0, "all are closed");
    const { bytes } = it.proxy.tally;
    expect(bytes.in).toBe(bytes.out);
    expect(bytes.dropped).toBe(0);
  });

  test("stalls a sender whose reader stalls, and no other", async () => {
    await using it = await proxiedServer();
    const all = bytesOf(32 * MiB);
    await using stalled = await it.proxy.dial();
    stalled.pause();
    stalled.send(all);
    const snapshot = () => it.proxy.snapshot({ search: "", limit: 10 });
    await until(() => snapshot().stalled.now > 0, "it stalls");
    expect(stalled.owing).toBeGreaterThan(0);
    await using other = await it.proxy.dial();
    other.send(all.subarray(0, MiB));
    other.finish();
    expect((await other.rest()).equals(all.subarray(0, MiB))).toBe(true);
    stalled.finish();
    stalled.resume();
    expect((await stalled.rest()).equals(all)).toBe(true);
    await until(() => it.proxy.tally.connections.open === 0, "all are closed");
    expect(snapshot().stalled.now).toBe(0);
  });

  test.each([
    ["a Unix socket", "a port", "sock", undefined],
    ["a port", "a Unix socket", undefined, "sock"],
    ["an abstract socket", "another", "@", "@"],
  ])("leads from %s to %s", async (_from, _to, from, to) => {
    if (process.platform !== "linux" && from === "@") return;
    await using folder = await temporaryFolder();
    const place = (kind: string | undefined, name: string) => {
      if (kind === undefined) return "127.0.0.1:0";
      const path = folder.path(name);
      return kind === "@" ? `unix:@${path}` : `unix:${path}`;
    };
    await using server = await serving({ addresses: [place(to, "target")] });
    await using proxy = await proxying({
      listen: place(from, "listen"),
      target: server.addresses[0]!,
    });
    const all = bytesOf(MiB);
    await using connection = await connect(proxy.endpoint);
    expect((await echoed(connection, all)).equals(all)).toBe(true);
    await until(() => proxy.told.length === 1, "it is told");
    expect(proxy.told[0]).toMatchObject({
      bytesIn: MiB,
      bytesOut: MiB,
      cause: "client-FIN",
      dropped: 0,
    });
  });

  test("ends TLS and begins it anew, and passes it on untouched", async () => {
    await using server = await serving({ addresses: ["tls://127.0.0.1:0"] });
    const { fingerprint256 } = new (
      await import("node:crypto")
    ).X509Certificate(server.tls!.cert);
    const trust = { fingerprint: fingerprint256 };
    await using anew = await proxying({
      listen: "tls://127.0.0.1:0",
      target: server.addresses[0]!,
      targetTls: trust,
    });
    const { port } = server.addresses[0] as { port: number };
    await using untouched = await proxying({ target: `127.0.0.1:${port}` });
    const all = bytesOf(4 * MiB);
    for (const [address, tls] of [
      [anew.addresses[0]!, { insecure: true }],
      [`tls://127.0.0.1:${untouched.port}`, trust],
    ] as const) {
      await using connection = await connect(address, { tls });
      expect((await echoed(connection, all)).equals(all)).toBe(true);
    }
  });
});

const TEN = "0123456789";
const LETTERS = "abcdefghij";
const SILENT: Part = { send: [], lastly: "nothing" };

describe.skipIf(noPython)(
  "a proxy without faults, between Python's sockets",
  () => {
    test("half-close of the client: the answer still comes", async () => {
      const { client, server } = await overPath(
        [],
        { send: [[0, TEN, 100_000]], lastly: "finish" },
        { send: [[500, LETTERS, 100_000]], lastly: "finish" },
      );
      expect(server.got.toString() === TEN.repeat(100_000)).toBe(true);
      expect(client.got.toString() === LETTERS.repeat(100_000)).toBe(true);
      expect([client.ended, server.ended]).toEqual(["FIN", "FIN"]);
      expect(server.endedAt!).toBeLessThan(client.reads[0]![0]);
    });

    test("half-close of the server: the rest still goes there", async () => {
      const { client, server } = await overPath(
        [],
        { send: [[500, TEN, 100_000]], lastly: "finish" },
        { send: [[0, LETTERS, 10]], lastly: "finish" },
      );
      expect(server.got.toString() === TEN.repeat(100_000)).toBe(true);
      expect(client.got.toString()).toBe(LETTERS.repeat(10));
      expect(client.endedAt!).toBeLessThan(client.sent[0]!);
    });

    test.each(["client", "server"] as const)(
      "a reset by the %s: its bytes, then the reset",
      async (who) => {
        // Of a connection that is reset before it stands, Bun knows no bytes.
        const resets: Part = { send: [[200, TEN, 10]], lastly: "reset" };
        const reads: Part = { ...SILENT, patience: 3 };
        const seen = await overPath(
          [],
          who === "client" ? resets : reads,
          who === "client" ? reads : resets,
        );
        const other = who === "client" ? seen.server : seen.client;
        expect(other.ended).toBe("ECONNRESET");
        expect(other.got.toString()).toBe(TEN.repeat(10));
      },
    );

    test.each(["client", "server"] as const)(
      "a slow %s gets all, however much it is",
      async (who) => {
        const sends: Part = { send: [[0, TEN, 3_000_000]], lastly: "finish" };
        const slow: Part = {
          ...SILENT,
          lastly: "finish",
          read_after: 700,
          read_size: 300_000,
        };
        const seen = await overPath(
          [],
          who === "client" ? slow : sends,
          who === "client" ? sends : slow,
        );
        const reader = who === "client" ? seen.client : seen.server;
        expect(reader.got.length).toBe(30_000_000);
        expect(reader.got.toString() === TEN.repeat(3_000_000)).toBe(true);
        expect(reader.ended).toBe("FIN");
      },
    );
  },
);
