import { describe, expect, test } from "bun:test";

import { connect } from "../../src/client/connect.ts";
import type { Endpoint } from "../../src/address/endpoint.ts";
import { Caller } from "../support/caller.ts";
import { expectEcho } from "../support/expect-echo.ts";
import { serving, type Serving } from "../support/serving.ts";
import { SourcedCaller } from "../support/sourced-caller.ts";
import { transports } from "../support/transports.ts";
import { until } from "../support/until.ts";

/** Whether one more is served. */
async function serves(server: Serving, source?: string): Promise<boolean> {
  using caller = await SourcedCaller.dial(server.endpoint, source);
  caller.send("hello");
  const answer = await caller.next();
  return answer === "hello";
}

/** Only those reasons that there were. */
function rejected({ tally }: Serving): object {
  const reasons = Object.entries(tally.rejected);
  return Object.fromEntries(reasons.filter(([, count]) => count > 0));
}

async function gone(server: Serving, open = 0): Promise<void> {
  await until(
    () => server.tally.connections.open === open,
    `${open} connections are left`,
  );
}

describe("maxConnections", () => {
  test("maxConnections is how many there are, and one over it is told", async () => {
    const reasons: string[] = [];
    await using server = await serving({
      maxConnections: 3,
      onReject: ({ reason }) => void reasons.push(reason),
    });
    const first = await server.dial();
    await using second = await server.dial();
    await using _third = await server.dial();
    await until(() => server.tally.connections.open === 3, "three are in");

    await using fourth = await server.dial();
    await fourth.closed();
    expect(server.tally).toMatchObject({
      connections: { open: 3, total: 3 },
      rejected: { "max-connections": 1 },
    });
    expect(reasons).toEqual(["max-connections"]);

    await first[Symbol.asyncDispose]();
    await gone(server, 2);
    expect(await serves(server)).toBe(true);
    second.send("hello");
    expect(String(await second.receive(5))).toBe("hello");
  });

  test("maxConnections counts those that have not sent their header", async () => {
    await using server = await serving({
      maxConnections: 2,
      proxyProtocol: true,
    });
    await using silent = await server.dial();
    await using spoken = await server.dial();
    spoken.send("PROXY UNKNOWN\r\nhello");
    expect(String(await spoken.receive(5))).toBe("hello");
    await using over = await server.dial();
    await over.closed();
    expect(rejected(server)).toEqual({ "max-connections": 1 });

    silent.send("PROXY UNKNOWN\r\nhello");
    expect(String(await silent.receive(5))).toBe("hello");
  });

  test("maxConnections counts handshakes that are under way", async () => {
    await using server = await serving({
      addresses: ["tls://127.0.0.1:0"],
      maxConnections: 2,
    });
    await using _one = await server.dial();
    await using _two = await server.dial();
    await using over = await server.dial();
    await over.closed();
    expect(rejected(server)).toEqual({ "max-connections": 1 });
    expect(server.tally.connections.total).toBe(0);
  });
});

describe("maxConnectionsPerIp", () => {
  test.each(transports.filter(({ name }) => name !== "a Unix socket"))(
    "maxConnectionsPerIp has a place again after a close, over $name",
    async ({ address, target, skip }) => {
      if (skip) return;
      await using server = await serving(
        { addresses: [address("")], maxConnectionsPerIp: 2 },
        target,
      );
      for (let round = 0; round < 3; round += 1) {
        await using one = await server.dial();
        await using two = await server.dial();
        await until(() => server.tally.connections.open === 2, "two are in");
        await using over = await server.dial();
        await over.closed();
        one.reset();
        two.finish();
        await gone(server);
      }
      expect(server.tally).toMatchObject({
        connections: { total: 6 },
        rejected: { "max-connections-per-ip": 3 },
      });
    },
  );

  test("maxConnectionsPerIp counts handshakes that do not end", async () => {
    await using server = await serving({
      addresses: ["tls://127.0.0.1:0"],
      maxConnectionsPerIp: 2,
    });
    const { endpoint } = server;
    const silent = { ...endpoint, kind: "tcp" } as Endpoint;
    await using one = await Caller.dial(silent);
    await using two = await Caller.dial(silent);
    await using over = await Caller.dial(silent);
    await over.closed();
    expect(rejected(server)).toEqual({ "max-connections-per-ip": 1 });
    one.reset();
    two.reset();
    const failed = () => server.tally.rejected["tls-failed"] === 2;
    await until(failed, "their places are free");
    const insecure = { tls: { insecure: true } };
    await using good = await connect(endpoint, insecure);
    await expectEcho(good, "hello");
    await using another = await connect(endpoint, insecure);
    await expectEcho(another, "hello");
    await expect(connect(endpoint, insecure)).rejects.toBeDefined();
  });

  test.each([
    ["over TCP", "127.0.0.1:0", false],
    ["over TLS", "tls://127.0.0.1:0", false],
    ["behind a PROXY header", "127.0.0.1:0", true],
    ["behind a PROXY header and over TLS", "tls://127.0.0.1:0", true],
  ])(
    "maxConnectionsPerIp has all places again after resets, %s",
    async (_, address, proxyProtocol) => {
      await using server = await serving({
        addresses: [address],
        proxyProtocol,
        maxConnections: 20,
        maxConnectionsPerIp: 5,
      });
      const { endpoint } = server;
      const port = (endpoint as { port: number }).port;
      const header = "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n";
      // Half of a handshake, which the reset may come before, in, or behind.
      const openings = ["", header, `${header}\x16\x03\x01`, "\x16\x03"];
      const reset = async (index: number) => {
        const socket = await Bun.connect({
          hostname: "127.0.0.1",
          port,
          socket: { data() {} },
        });
        socket.write(Buffer.from(openings[index % 4]!, "latin1"));
        if (index % 3 === 0) await Bun.sleep(index % 5);
        socket.terminate();
      };
      const ended = () => {
        const { connections, rejected: reasons } = server.tally;
        const turned = Object.values(reasons).reduce((sum, n) => sum + n, 0);
        return connections.total + turned - connections.open;
      };
      // More at once than an address may have, and in all more than there are
      // places: what each round keeps is missing in the end.
      for (let done = 0; done < 400; done += 10) {
        await Promise.all(
          Array.from({ length: 10 }, (__, index) => reset(done + index)),
        );
        await until(() => ended() === done + 10, "all of them are gone");
      }
      expect(server.tally.connections.open).toBe(0);

      const options = {
        tls: endpoint.kind === "tls" ? { insecure: true } : undefined,
        sendProxy: proxyProtocol ? (1 as const) : undefined,
      };
      const five = await Promise.all(
        Array.from({ length: 5 }, () => connect(endpoint, options)),
      );
      for (const one of five) await expectEcho(one, "hello");
      const one = connect(endpoint, options);
      const sixth = one.then(async (it) => {
        await using connection = it;
        await expectEcho(connection, "hello");
      });
      await expect(sixth).rejects.toBeDefined();
      for (const each of five) await each[Symbol.asyncDispose]();
    },
    60_000,
  );

  test("maxConnectionsPerIp is for each address", async () => {
    await using server = await serving({ maxConnectionsPerIp: 1 });
    using _one = await SourcedCaller.dial(server.endpoint, "127.0.0.2");
    await until(() => server.tally.connections.open === 1, "one is in");
    expect(await serves(server, "127.0.0.2")).toBe(false);
    expect(await serves(server, "127.0.0.3")).toBe(true);
  });
});

describe("allow and deny", () => {
  test("allow and deny look at where a connection comes from", async () => {
    await using server = await serving({
      addresses: ["0.0.0.0:0"],
      allow: ["127.0.0.0/30"],
      deny: ["127.0.0.2"],
    });
    expect(await serves(server, "127.0.0.1")).toBe(true);
    expect(await serves(server, "127.0.0.2")).toBe(false);
    expect(await serves(server, "127.0.0.3")).toBe(true);
    expect(await serves(server, "127.0.0.4")).toBe(false);
    expect(rejected(server)).toEqual({ deny: 2 });
  });

  test("deny spares a handshake", async () => {
    await using server = await serving({
      addresses: ["tls://127.0.0.1:0"],
      deny: ["127.0.0.2"],
    });
    using caller = await SourcedCaller.dial(server.endpoint, "127.0.0.2");
    expect(await caller.next()).toBeUndefined();
    expect(rejected(server)).toEqual({ deny: 1 });
  });
});

describe("proxyProtocol", () => {
  /** From a proxy, for a client. */
  async function passes(
    server: Serving,
    proxy: string,
    client: string,
  ): Promise<SourcedCaller | undefined> {
    const caller = await SourcedCaller.dial(server.endpoint, proxy);
    caller.send(`PROXY TCP4 ${client} 192.0.2.254 1234 80\r\nhello`);
    if ((await caller.next()) === "hello") return caller;
    caller[Symbol.dispose]();
    return undefined;
  }

  test("proxyProtocol has allow for proxies, deny for their clients", async () => {
    await using server = await serving({
      addresses: ["0.0.0.0:0"],
      proxyProtocol: true,
      allow: ["127.0.0.1"],
      deny: ["192.0.2.66", "127.0.0.1"],
    });
    using inside = await passes(server, "127.0.0.1", "192.0.2.1");
    expect(inside).toBeDefined();
    expect(await passes(server, "127.0.0.1", "192.0.2.66")).toBeUndefined();
    expect(await passes(server, "127.0.0.2", "192.0.2.1")).toBeUndefined();
    expect(rejected(server)).toEqual({
      deny: 1,
      "proxy-denied": 1,
    });
  });

  test("proxyProtocol has a dual-stack socket know an IPv4 proxy", async () => {
    const [, , dual] = transports;
    if (dual!.skip) return;
    await using server = await serving(
      {
        addresses: [dual!.address("")],
        proxyProtocol: true,
        allow: ["127.0.0.1"],
      },
      dual!.target,
    );
    using inside = await passes(server, "127.0.0.1", "192.0.2.1");
    expect(inside).toBeDefined();
  });

  test("proxyProtocol counts clients, and not their proxy", async () => {
    await using server = await serving({
      proxyProtocol: true,
      maxConnectionsPerIp: 1,
    });
    using one = await passes(server, "127.0.0.1", "192.0.2.1");
    using two = await passes(server, "127.0.0.1", "192.0.2.2");
    expect([one, two]).not.toContain(undefined);
    expect(await passes(server, "127.0.0.1", "192.0.2.1")).toBeUndefined();
    one![Symbol.dispose]();
    await gone(server, 1);
    using again = await passes(server, "127.0.0.1", "192.0.2.1");
    expect(again).toBeDefined();
  });
});
