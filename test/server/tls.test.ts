import { afterAll, beforeAll, describe, expect, test } from "bun:test";

import { connect } from "../../src/client/connect.ts";
import type { Rejected } from "../../src/inbound/rejection.ts";
import type { Endpoint } from "../../src/address/endpoint.ts";
import {
  certificates,
  fingerprintOf,
  identity,
  noOpenssl,
} from "../support/certificates.ts";
import { Caller } from "../support/caller.ts";
import { run } from "../support/cli.ts";
import { expectEcho } from "../support/expect-echo.ts";
import { peerProgram } from "../support/peer.ts";
import { noPython, peer } from "../support/python.ts";
import { serving } from "../support/serving.ts";
import { until } from "../support/until.ts";

const addresses = ["tls://127.0.0.1:0"];

function portOf(endpoint: Endpoint): string {
  return String((endpoint as { port: number }).port);
}

describe("a TLS server", () => {
  test("makes a certificate for its run, which its fingerprint proves", async () => {
    await using server = await serving({ addresses });
    const { endpoint } = server;
    const fingerprint = fingerprintOf(server.tls!);
    {
      await using trusting = await connect(endpoint, { tls: { fingerprint } });
      await expectEcho(trusting, "hello");
    }
    await expect(connect(endpoint)).rejects.toMatchObject({
      code: "DEPTH_ZERO_SELF_SIGNED_CERT",
    });
    const other = fingerprintOf(identity);
    await expect(
      connect(endpoint, { tls: { fingerprint: other } }),
    ).rejects.toMatchObject({ code: "EFINGERPRINT" });
    await until(
      () => server.tally.connections.open === 0,
      "the connections are gone",
    );
  });

  test("changes its certificate under an open connection", async () => {
    await using server = await serving({ addresses });
    const { endpoint } = server;
    const before = fingerprintOf(server.tls!);
    await using old = await connect(endpoint, { tls: { fingerprint: before } });
    await expectEcho(old, "hello");

    server.useTls(identity);
    const fingerprint = fingerprintOf(identity);
    await using next = await connect(endpoint, { tls: { fingerprint } });
    await expectEcho(next, "hello");
    await expectEcho(old, "still here");
    old.finish();
    expect(await old.read()).toBeUndefined();
  });

  test("tells plain bytes that they are none of its kind", async () => {
    const told: Rejected[] = [];
    const onReject = (rejected: Rejected) => void told.push(rejected);
    await using server = await serving({ addresses, onReject });
    await using caller = await server.dial();
    caller.send("GET / HTTP/1.1\r\n\r\n");
    await caller.closed();
    const [reason, why] = ["tls-failed", "http request"] as const;
    expect(told).toEqual([{ reason, peer: caller.name, why }]);
    expect(server.tally).toMatchObject({
      connections: { open: 0, total: 0 },
      rejected: { "tls-failed": 1 },
      bytes: { in: 0, out: 0 },
    });
  });

  test("is not moved by any garbage, nor by half a handshake", async () => {
    await using server = await serving({ addresses });
    const openings = [
      "\x16\x03\x01",
      "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
      "\x16\x03\x01\xff\xff" + "\x00".repeat(70_000),
      "\x15\x03\x01\x00\x02\x02\x28",
      "\x80\x2e\x01\x00\x02",
      "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n",
    ];
    for (const opening of openings) {
      await using caller = await Caller.dial(server.endpoint);
      caller.send(Buffer.from(opening, "latin1"));
      caller.finish();
      await caller.closed();
    }
    await until(
      () => server.tally.rejected["tls-failed"] === openings.length,
      "each is counted",
    );
    await using good = await connect(server.endpoint, {
      tls: { insecure: true },
    });
    await expectEcho(good, "hello");
  });

  test("does not wait at a stop for a handshake that does not come", async () => {
    await using server = await serving({ addresses });
    await using caller = await server.dial();
    expect(await server.stop({ drainTimeout: 100 })).toBe(1);
    await caller.closed();
  });
});

describe.skipIf(noOpenssl)("a TLS server with an authority", () => {
  let made: Awaited<ReturnType<typeof certificates>>;
  beforeAll(async () => void (made = await certificates()));
  afterAll(() => made[Symbol.asyncDispose]());

  test("lets in clients with its certificates only", async () => {
    const tls = { ...(await made.pair("server")), clientCa: made.ca };
    await using server = await serving({ addresses, tls });
    const { endpoint } = server;
    const { ca } = made;
    {
      const own = await made.pair("client");
      await using good = await connect(endpoint, { tls: { ca, ...own } });
      await expectEcho(good, "hello");
    }
    for (const own of [{}, await made.pair("stranger")]) {
      // TLS 1.3 has the client finish before the server has seen its own.
      const bad = connect(endpoint, { tls: { ca, ...own } });
      await expect(
        bad.then(async (one) => {
          await using connection = one;
          await expectEcho(connection, "hello");
        }),
      ).rejects.toThrow();
    }
    await until(() => server.tally.rejected["tls-failed"] === 2, "two failed");
    expect(server.tally.connections.total).toBe(1);
  });

  test.skipIf(noPython).each([
    ["without a certificate", false],
    ["with one", true],
  ])(
    "echoes 50 MB to Python's slow reader, %s",
    async (_, asks) => {
      const clientCa = asks ? made.ca : undefined;
      const tls = { ...(await made.pair("server")), clientCa };
      await using server = await serving({ addresses, tls });
      const own = asks ? [made.pem("client"), made.key("client")] : [];
      const args = [
        portOf(server.endpoint),
        "50000000",
        made.pem("ca"),
        ...own,
      ];
      const { status, stderr } = await run(peer("tls_client", ...args));
      expect({ status, stderr }).toEqual({
        status: 0,
        stderr: "TLSv1.3 50000000\n",
      });
      expect(server.tally.bytes).toMatchObject({ in: 5e7, out: 5e7 });
    },
    60_000,
  );

  test("answers openssl s_client, with the certificate it was given", async () => {
    const tls = await made.pair("server");
    await using server = await serving({ addresses, tls });
    const client = [peerProgram("openssl")!, "s_client", "-quiet"];
    const trust = ["-CAfile", made.pem("ca"), "-verify_return_error"];
    const name = ["-verify_hostname", "localhost", "-no_ign_eof"];
    const to = ["-connect", `127.0.0.1:${portOf(server.endpoint)}`];
    const { stdout } = await run(
      ["sh", "-c", '{ echo hello; sleep 1; } | "$@"', "sh"].concat(
        client,
        trust,
        name,
        to,
      ),
    );
    expect(stdout).toBe("hello\n");
    expect(server.tally.bytes).toMatchObject({ in: 6, out: 6 });
  });
});
