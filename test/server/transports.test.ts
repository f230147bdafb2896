import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";

import type { ServerOptions } from "../../src/server/options.ts";
import { STAMP_LENGTH } from "../../src/protocol/stamp/form.ts";
import { temporaryFolder } from "../support/folder.ts";
import { until } from "../support/until.ts";
import { serving, stalled } from "../support/serving.ts";
import { transports } from "../support/transports.ts";

const KiB = 1024;
const MiB = 1024 * KiB;
const SIZES = [1, 2, 27, KiB, 64 * KiB, 64 * KiB + 1, 512 * KiB, 3 * MiB];
/** From what a kernel takes at once to what makes every server wait. */
const LATE_SIZES = [
  ...Array.from({ length: 12 }, (_, index) => index * 80 * KiB),
  ...Array.from({ length: 12 }, (_, index) => MiB + index * 500 * KiB),
];

const STAMP = /\[[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}\] /g;

/** Bytes that tell their place, none of them a stamp's bracket. */
function letters(length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  for (let at = 0; at < length; at += 1) bytes[at] = 97 + ((at * 7) % 26);
  return bytes;
}

const bulk = letters(20 * MiB);

describe.each(transports)("startServer() over $name", (transport) => {
  /** A server over this transport, and who has connected. */
  async function listening(options: ServerOptions) {
    const folder = await temporaryFolder();
    const connected: { id: number; peer: string }[] = [];
    const server = await serving(
      {
        addresses: [transport.address(folder.path(""))],
        onConnect: (peer) => connected.push(peer),
        ...options,
      },
      transport.target,
    );
    return Object.assign(server, {
      connected,
      async [Symbol.asyncDispose]() {
        await server.stop({ drainTimeout: 0 });
        await folder[Symbol.asyncDispose]();
      },
    });
  }

  const it = test.skipIf(transport.skip);

  it("sends every byte back, in chunks of any size", async () => {
    await using echo = await listening({ reply: "raw" });
    await using caller = await echo.dial();
    for (const size of SIZES) {
      const chunk = letters(size);
      caller.send(chunk);
      expect((await caller.receive(size)).equals(chunk)).toBe(true);
    }
  });

  it("stamps every chunk, whatever its size", async () => {
    await using echo = await listening({ reply: "stamp" });
    for (const size of SIZES) {
      await using caller = await echo.dial();
      const chunk = letters(size);
      caller.send(chunk);
      caller.finish();
      const answer = String(await caller.rest());
      expect(answer.replace(STAMP, "") === String(chunk)).toBe(true);
      const stamps = answer.match(STAMP)!.length;
      expect(answer).toStartWith("[");
      expect(answer.length).toBe(size + stamps * STAMP_LENGTH);
      await caller.closed();
      expect(echo.told.at(-1)).toMatchObject({
        bytesIn: size,
        bytesOut: answer.length,
      });
    }
  });

  it("finishes after its peer, when everything owed is out", async () => {
    await using echo = await listening({ reply: "raw" });
    for (const size of [0, ...SIZES]) {
      await using caller = await echo.dial();
      const chunk = letters(size);
      caller.send(chunk);
      caller.finish();
      expect((await caller.rest()).equals(chunk)).toBe(true);
      expect(await caller.closed()).toBe("FIN");
      expect(echo.told.at(-1)).toMatchObject({
        bytesIn: size,
        bytesOut: size,
        dropped: 0,
        cause: "FIN",
      });
    }
  });

  it("finishes after a peer that had not read", async () => {
    await using echo = await listening({ reply: "raw" });
    await using caller = await stalled(echo, bulk);
    caller.finish();
    caller.resume();
    expect((await caller.rest()).equals(bulk)).toBe(true);
    expect(await caller.closed()).toBe("FIN");
    expect(echo.told).toMatchObject([{ cause: "FIN", dropped: 0 }]);
  });

  it("finishes after peers that read late, wherever their FIN falls", async () => {
    await using echo = await listening({ reply: "raw" });
    async function late(size: number) {
      const caller = await echo.dial();
      caller.pause();
      caller.send(bulk.subarray(0, size));
      caller.finish();
      return { size, caller };
    }
    const callers = await Promise.all(LATE_SIZES.map(late));
    await until(() => echo.tally.bytes.in > echo.tally.bytes.out, "a stall");
    for (const { caller } of callers) caller.resume();
    for (const { size, caller } of callers) {
      const whole = bulk.subarray(0, size);
      expect((await caller.rest()).equals(whole)).toBe(true);
      expect(await caller.closed()).toBe("FIN");
    }
    expect(echo.tally.closed.FIN).toBe(callers.length);
  });

  it("lets go of a peer that is gone before it has read", async () => {
    await using echo = await listening({ reply: "raw" });
    await using caller = await stalled(echo, bulk);
    caller.reset();
    await until(() => echo.told.length > 0, "the end");
    const { bytesIn, bytesOut, dropped, cause } = echo.told[0]!;
    expect(cause).toBe("RST");
    expect(dropped).toBeGreaterThan(0);
    expect(bytesOut).toBe(bytesIn - dropped);
  });

  it("tells who came, who went, and why", async () => {
    await using echo = await listening({ reply: "raw" });
    await using one = await echo.dial();
    await using two = await echo.dial();
    two.send("hello");
    await two.receive(5);
    const unnamed = echo.endpoint.kind === "unix";
    const names = unnamed
      ? ["unix peer 1", "unix peer 2"]
      : [one.name, two.name];
    expect(echo.connected).toEqual([
      { id: 1, peer: names[0]! },
      { id: 2, peer: names[1]! },
    ]);

    one.finish();
    await one.closed();
    await echo.stop({ drainTimeout: 0 });
    const common = { lasted: expect.any(Number), dropped: 0 };
    expect(echo.told).toEqual([
      {
        ...common,
        id: 1,
        peer: names[0]!,
        bytesIn: 0,
        bytesOut: 0,
        cause: "FIN",
      },
      {
        ...common,
        id: 2,
        peer: names[1]!,
        bytesIn: 5,
        bytesOut: 5,
        cause: "stop",
      },
    ]);
  });

  it("is not to be reached once it is stopped", async () => {
    await using echo = await listening({});
    await echo.stop();
    const unix = echo.endpoint.kind === "unix" ? echo.endpoint : undefined;
    await expect(echo.dial()).rejects.toMatchObject({
      code: unix ? "ENOENT" : "ECONNREFUSED",
    });
    if (unix) expect(existsSync(unix.path)).toBe(false);
  });
});
