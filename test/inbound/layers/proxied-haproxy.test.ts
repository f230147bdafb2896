import { describe, expect, test } from "bun:test";

import { Caller } from "../../support/caller.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { haproxy, noHaproxy } from "../../support/haproxy.ts";
import { proxiedEcho } from "../../support/proxied-echo.ts";
import { until } from "../../support/until.ts";

const VERSIONS = [
  "send-proxy",
  "send-proxy-v2",
  "send-proxy-v2 proxy-v2-options unique-id",
  "send-proxy-v2 proxy-v2-options crc32c",
  "send-proxy-v2 proxy-v2-options crc32c,unique-id",
];

const MiB = 1024 * 1024;

describe.skipIf(noHaproxy).each(VERSIONS)("HAProxy with %s", (options) => {
  test("the server knows the client, and echoes its bytes", async () => {
    using echo = proxiedEcho();
    await using proxy = await haproxy(echo.endpoint, options);
    await using one = await Caller.dial(proxy.endpoint);
    await using two = await Caller.dial(proxy.endpoint);
    const names = [one.name, two.name];
    one.send("hello");
    two.send("goodbye");
    expect(String(await one.receive(5))).toBe("hello");
    expect(String(await two.receive(7))).toBe("goodbye");
    expect(echo.opened.toSorted()).toEqual(names.toSorted());
    expect(echo.rejected).toEqual([]);

    const much = new Uint8Array(16 * MiB).map((_, at) => at ^ (at >> 8));
    one.send(much);
    one.finish();
    expect((await one.rest()).equals(much)).toBe(true);
    await until(() => echo.closed.length > 0, "the server closes it");
    expect(echo.closed).toEqual([names[0]!]);
  });

  test("the server passes a health check with a header", async () => {
    using echo = proxiedEcho();
    const checked = `${options} check check-send-proxy inter 50ms rise 2`;
    await using proxy = await haproxy(echo.endpoint, checked);
    await until(() => echo.opened.length >= 3, "HAProxy checks its server");
    expect(await proxy.health("echo")).toEqual({ status: "UP", check: "L4OK" });
    // A check resets its connection, perhaps before the header has been read.
    const unseen = echo.rejected.filter((reason) => reason !== "proxy-absent");
    expect(unseen).toEqual([]);
  });
});

// Not with a unique ID: over a Unix socket, HAProxy 2.6 makes it in the very
// buffer that holds the header.
describe.skipIf(noHaproxy).each(["send-proxy", "send-proxy-v2"])(
  "HAProxy with %s, over a Unix socket",
  (options) => {
    test("the server knows the client, and echoes its bytes", async () => {
      await using folder = await temporaryFolder();
      using echo = proxiedEcho({}, folder.path("echo.sock"));
      await using proxy = await haproxy(echo.endpoint, options);
      await using caller = await Caller.dial(proxy.endpoint);
      caller.send("hello");
      expect(String(await caller.receive(5))).toBe("hello");
      expect(echo.opened).toEqual([caller.name]);
    });
  },
);

test.skipIf(noHaproxy)(
  "a connection that HAProxy passes on without a header is reset",
  async () => {
    using echo = proxiedEcho();
    await using proxy = await haproxy(echo.endpoint, "");
    await using caller = await Caller.dial(proxy.endpoint);
    caller.send("hello");
    caller.finish();
    await caller.closed();
    expect(caller.received).toBe(0);
    expect(echo.opened).toEqual([]);
    expect(echo.rejected).toEqual([
      "proxy-malformed: it does not begin with a PROXY header",
    ]);
  },
);
