import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";

import { formatHostPort } from "../../../src/address/endpoint.ts";
import { Caller } from "../../support/caller.ts";
import { proxiedEcho } from "../../support/proxied-echo.ts";
import { v2, WELL_FORMED } from "../../support/proxy-headers.ts";
import { until } from "../../support/until.ts";

const HEADER = "PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n";
const MiB = 1024 * 1024;

describe("proxied() on a socket", () => {
  test("it echoes what comes behind a header, and nothing of it", async () => {
    using echo = proxiedEcho();
    for (const { header, source } of WELL_FORMED) {
      await using caller = await Caller.dial(echo.endpoint);
      caller.send(Buffer.from(header as string, "latin1"));
      caller.send("hello");
      caller.finish();
      expect(String(await caller.rest())).toBe("hello");
      expect(echo.opened.pop()).toBe(
        source === undefined
          ? caller.name
          : formatHostPort(source.address, source.port),
      );
    }
    expect(echo.rejected).toEqual([]);
    expect(echo.closed.length).toBe(WELL_FORMED.length);
  });

  test("it takes a header byte by byte", async () => {
    using echo = proxiedEcho();
    await using caller = await Caller.dial(echo.endpoint);
    for (const byte of Buffer.from(`${HEADER}hello`)) {
      caller.send(Buffer.of(byte));
      // So that each is read before the next is there.
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(String(await caller.receive(5))).toBe("hello");
  });

  test("it loses nothing to a reader that stalls", async () => {
    using echo = proxiedEcho();
    await using caller = await Caller.dial(echo.endpoint);
    const much = new Uint8Array(32 * MiB).map((_, at) => at ^ (at >> 8));
    caller.pause();
    caller.send(HEADER);
    caller.send(much);
    caller.finish();
    await until(() => echo.stalled.length > 0, "the echo stalls");
    caller.resume();
    expect((await caller.rest()).equals(much)).toBe(true);
  });

  test("it resets who has no header, and echoes nothing", async () => {
    const garbage = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 300 }),
      fc.constant(Buffer.from("PROXY TCP4 hello\r\n")),
      fc.constant(v2(0x21, 0x11)),
    );
    using echo = proxiedEcho();
    await fc.assert(
      fc.asyncProperty(garbage, async (bytes) => {
        await using caller = await Caller.dial(echo.endpoint);
        caller.send(bytes);
        caller.finish();
        await caller.closed();
        expect(caller.received).toBe(0);
      }),
      { seed: 1, numRuns: 100 },
    );
    expect(echo).toMatchObject({ opened: [], closed: [], waiting: 0 });
    expect(echo.rejected.length).toBe(100);
  });

  test("it finishes with who sends no header, or half of one", async () => {
    using echo = proxiedEcho();
    for (const sent of ["", "PROXY TCP4 192.168.0.1"]) {
      await using caller = await Caller.dial(echo.endpoint);
      if (sent !== "") caller.send(sent);
      caller.finish();
      expect(await caller.closed()).toBe("FIN");
      expect(caller.received).toBe(0);
    }
    expect(echo.rejected).toEqual(["proxy-absent", "proxy-absent"]);
  });

  test("it knows that who resets had no header", async () => {
    const told: unknown[][] = [];
    using echo = proxiedEcho({ rejected: (...all) => void told.push(all) });
    await using caller = await Caller.dial(echo.endpoint);
    caller.send("PROXY");
    await until(() => echo.waiting === 1, "the server accepts it");
    caller.reset();
    await until(() => told.length > 0, "the server rejects it");
    // Its socket does not know any more who it was.
    expect(told).toEqual([["proxy-absent", caller.name, undefined]]);
    expect(echo.waiting).toBe(0);
  });

  test("it resets who takes too long", async () => {
    using echo = proxiedEcho({ timeout: 1 });
    await using mute = await Caller.dial(echo.endpoint);
    await using dripping = await Caller.dial(echo.endpoint);
    dripping.send("PROXY");
    await Promise.all([mute.closed(), dripping.closed()]);
    expect(mute.received + dripping.received).toBe(0);
    expect(echo.rejected).toEqual(["proxy-late", "proxy-late"]);
  });

  test("it resets whom it does not believe", async () => {
    const asked: string[] = [];
    using echo = proxiedEcho({
      allowed(address) {
        asked.push(address);
        return false;
      },
    });
    await using caller = await Caller.dial(echo.endpoint);
    caller.send(`${HEADER}hello`);
    await caller.closed();
    expect(caller.received).toBe(0);
    expect(asked).toEqual(["127.0.0.1"]);
    expect(echo.rejected).toEqual(["proxy-denied"]);
  });

  test("stop() resets who waits, and serves the others on", async () => {
    using echo = proxiedEcho();
    await using mute = await Caller.dial(echo.endpoint);
    await using good = await Caller.dial(echo.endpoint);
    good.send(`${HEADER}hello`);
    await good.receive(5);
    expect(echo.stop()).toBe(1);
    expect(await mute.closed()).toBe("RST");
    good.send("world");
    expect(String(await good.receive(5))).toBe("world");
    expect(echo.rejected).toEqual([]);
  });
});
