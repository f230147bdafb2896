import { describe, expect, test } from "bun:test";
import dns from "node:dns/promises";

import { formatHostPort } from "../../src/address/endpoint.ts";
import { haproxy, noHaproxy } from "../support/haproxy.ts";
import { expectEcho } from "../support/expect-echo.ts";
import { connect } from "../../src/client/connect.ts";
import { freePort } from "../support/free-port.ts";
import { proxiedServer, proxying } from "../support/proxying.ts";
import { serving } from "../support/serving.ts";
import { until } from "../support/until.ts";
import type { SounderError } from "../../src/errors/errors.ts";

describe("a proxy's target", () => {
  test("that does not answer: its client is reset, and it is told", async () => {
    await using proxy = await proxying({ target: `127.0.0.1:${freePort()}` });
    await using caller = await proxy.dial();
    expect(await caller.closed()).toBe("RST");
    await until(() => proxy.told.length === 1, "it is told");
    const [ended] = proxy.told;
    expect(ended!.cause).toBe("unreachable");
    expect((ended!.error as SounderError).code).toBe("ECONNREFUSED");
    expect(ended!.error!.message).toMatch(
      /^cannot connect to 127\.0\.0\.1:\d+:/,
    );
    expect(proxy.tally.closed.unreachable).toBe(1);
  });

  test("whose name nobody knows is told, too", async () => {
    await using proxy = await proxying({ target: "nowhere.invalid:80" });
    await using caller = await proxy.dial();
    expect(await caller.closed()).toBe("RST");
    await until(() => proxy.told.length === 1, "it is told");
    expect((proxy.told[0]!.error as SounderError).code).toMatch(
      /^(ENOTFOUND|EAI_AGAIN)$/,
    );
  });

  test("is reached at whichever of its name's addresses answers", async () => {
    const found = await dns.lookup("localhost", { all: true });
    for (const { address } of found) {
      const listen = formatHostPort(address, 0);
      await using server = await serving({ addresses: [listen] });
      const { port } = server.addresses[0] as { port: number };
      await using proxy = await proxying({ target: `localhost:${port}` });
      await using caller = await proxy.dial();
      caller.send("hello");
      expect(String(await caller.receive(5))).toBe("hello");
    }
  });

  test("whose client leaves early is not kept waiting for", async () => {
    // Nobody accepts there, so that it does not answer.
    const { fullBacklog } = await import("../../src/faults/full-backlog.ts");
    if (process.platform !== "linux") return;
    const silent = fullBacklog({ address: "127.0.0.1", port: 0 });
    await using proxy = await proxying({ target: `127.0.0.1:${silent.port}` });
    await using caller = await proxy.dial();
    await until(() => proxy.tally.connections.open === 1, "it is accepted");
    caller.reset();
    await until(() => proxy.told.length === 1, "it is closed");
    expect(proxy.told[0]!.cause).toBe("client-RST");
    silent.stop();
  });

  test("that does not answer in time", async () => {
    if (process.platform !== "linux") return;
    const { fullBacklog } = await import("../../src/faults/full-backlog.ts");
    const silent = fullBacklog({ address: "127.0.0.1", port: 0 });
    await using proxy = await proxying({
      target: `127.0.0.1:${silent.port}`,
      connectTimeout: 100,
    });
    await using caller = await proxy.dial();
    expect(await caller.closed()).toBe("RST");
    await until(() => proxy.told.length === 1, "it is closed");
    expect((proxy.told[0]!.error as SounderError).code).toBe("ETIMEDOUT");
    silent.stop();
  });
});

describe("PROXY headers", () => {
  test.each([1, 2] as const)(
    "a header of version %d tells the target of the client",
    async (sendProxy) => {
      const names: string[] = [];
      await using it = await proxiedServer(
        { sendProxy },
        {
          proxyProtocol: true,
          onConnect: ({ peer }) => void names.push(peer),
        },
      );
      await using caller = await it.proxy.dial();
      caller.send("hello");
      expect(String(await caller.receive(5))).toBe("hello");
      expect(names).toEqual([caller.name]);
    },
  );

  test("over TLS, it comes before the handshake", async () => {
    const names: string[] = [];
    await using server = await serving({
      addresses: ["tls://127.0.0.1:0"],
      proxyProtocol: true,
      onConnect: ({ peer }) => void names.push(peer),
    });
    await using proxy = await proxying({
      target: server.addresses[0]!,
      targetTls: { insecure: true },
      sendProxy: 2,
    });
    await using caller = await proxy.dial();
    caller.send("hello");
    expect(String(await caller.receive(5))).toBe("hello");
    expect(names).toEqual([caller.name]);
  });

  test.skipIf(noHaproxy)(
    "of HAProxy's are believed and passed on",
    async () => {
      const names: string[] = [];
      await using it = await proxiedServer(
        {
          sendProxy: 1,
          proxyProtocol: true,
          allow: ["127.0.0.1"],
          onConnect: ({ peer }) => void names.push(`proxy ${peer}`),
        },
        {
          proxyProtocol: true,
          onConnect: ({ peer }) => void names.push(`server ${peer}`),
        },
      );
      await using before = await haproxy(it.proxy.endpoint, "send-proxy-v2");
      await using connection = await connect(before.endpoint);
      await expectEcho(connection, "hello");
      expect(names).toHaveLength(2);
      const [, a] = names[0]!.split(" ");
      const [, b] = names[1]!.split(" ");
      expect(a).toBe(b);
      expect(a).not.toBe("");
    },
  );
});
