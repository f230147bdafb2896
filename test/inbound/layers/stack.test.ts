import { describe, expect, test } from "bun:test";

import { connect } from "../../../src/client/connect.ts";
import type { Endpoint } from "../../../src/address/endpoint.ts";
import { Caller } from "../../support/caller.ts";
import { expectEcho } from "../../support/expect-echo.ts";
import { haproxy, noHaproxy } from "../../support/haproxy.ts";
import { serving, type Serving } from "../../support/serving.ts";
import { until } from "../../support/until.ts";

const WAYS: [what: string, address: string, proxyProtocol: boolean][] = [
  ["a handshake", "tls://127.0.0.1:0", false],
  ["a PROXY header", "127.0.0.1:0", true],
  ["a handshake behind a header", "tls://127.0.0.1:0", true],
];

/** One that has connected, and says nothing. */
function silent(server: Serving): Promise<Caller> {
  return Caller.dial({ ...server.endpoint, kind: "tcp" } as Endpoint);
}

describe.each(WAYS)(
  "a stop while %s is awaited",
  (_, address, proxyProtocol) => {
    const reason = proxyProtocol ? "proxy-late" : "tls-late";
    const gone = proxyProtocol ? "proxy-absent" : "tls-failed";

    /** A server that has accepted a silent peer, and that peer. */
    async function accepted() {
      const server = await serving({ addresses: [address], proxyProtocol });
      const caller = await silent(server);
      // They are accepted in turn: once this one is gone, that one was there.
      await using next = await silent(server);
      next.reset();
      await until(() => server.tally.rejected[gone] === 1, "the next is gone");
      return { server, caller };
    }

    test("waits a second for it, not for the whole drain", async () => {
      const { server, caller } = await accepted();
      const since = performance.now();
      expect(await server.stop({ drainTimeout: 3_600_000 })).toBe(0);
      await caller.closed();
      expect(performance.now() - since).toBeGreaterThanOrEqual(950);
      expect(server.tally.rejected[reason]).toBe(1);
    });

    test("counts what a shorter drain leaves of it", async () => {
      const { server, caller } = await accepted();
      const reset = await server.stop({ drainTimeout: 50 });
      await caller.closed();
      expect(reset + server.tally.rejected[reason]).toBe(1);
    });
  },
);

test("a stop serves who comes through the handshake only then", async () => {
  await using server = await serving({ addresses: ["tls://127.0.0.1:0"] });
  const opened = Promise.withResolvers<Bun.Socket>();
  const { port } = server.endpoint as { port: number };
  await Bun.connect({
    hostname: "127.0.0.1",
    port,
    allowHalfOpen: true,
    socket: { open: (socket) => opened.resolve(socket), data() {} },
  });
  const socket = await opened.promise;
  // The accept comes before that of one who is let in and out again.
  await using witness = await connect(server.endpoint, {
    tls: { insecure: true },
  });
  await expectEcho(witness, "hello");
  await witness[Symbol.asyncDispose]();
  await until(() => server.tally.connections.open === 0, "it is gone");

  const stopping = server.stop({ drainTimeout: 3_600_000 });
  const answered = Promise.withResolvers<string>();
  const [, secure] = socket.upgradeTLS({
    tls: { rejectUnauthorized: false },
    data: undefined,
    socket: {
      handshake: (wire) => void wire.write("hello"),
      data: (_, chunk) => answered.resolve(String(chunk)),
    },
  });
  expect(await answered.promise).toBe("hello");
  secure.shutdown();
  expect(await stopping).toBe(0);
  expect(server.told.at(-1)).toMatchObject({ bytesIn: 5, bytesOut: 5 });
});

describe.skipIf(noHaproxy)("TLS behind a PROXY header", () => {
  test.each(["send-proxy", "send-proxy-v2"])(
    "TLS passes through HAProxy with %s, and the client is known",
    async (option) => {
      const connected: string[] = [];
      await using server = await serving({
        addresses: ["tls://127.0.0.1:0"],
        proxyProtocol: true,
        allow: ["127.0.0.1"],
        onConnect: ({ peer }) => void connected.push(peer),
      });
      await using proxy = await haproxy(server.endpoint, option);
      const to = { ...proxy.endpoint, kind: "tls" } as Endpoint;
      await using connection = await connect(to, { tls: { insecure: true } });
      await expectEcho(connection, "hello");
      // HAProxy's own port on the way to us is another.
      expect(connected).toHaveLength(1);
      expect(connected[0]).toStartWith("127.0.0.1:");
      connection.finish();
      expect(await connection.read()).toBeUndefined();
      await until(() => server.told.length === 1, "it is told");
      expect(server.told[0]).toMatchObject({ cause: "FIN", bytesOut: 5 });
    },
  );
});
