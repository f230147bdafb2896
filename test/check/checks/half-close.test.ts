import { describe, expect, test } from "bun:test";

import { halfCloseCheck } from "../../../src/check/checks/half-close/half-close.ts";
import type { Endpoint } from "../../../src/address/endpoint.ts";
import { identity } from "../../support/certificates.ts";
import { Program } from "../../support/cli.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { freePort } from "../../support/free-port.ts";
import { found, pathTo } from "../../support/path-to.ts";
import { peerProgram } from "../../support/peer.ts";
import { proxiedServer } from "../../support/proxying.ts";
import { noPython, peer } from "../../support/python.ts";
import { serving } from "../../support/serving.ts";
import { noSocat, socatTo } from "../../support/socat.ts";
import { until } from "../../support/until.ts";

const ncat = peerProgram("ncat");

/** Of half-close, through a proxy with a fault. */
async function behind(fault: string, cooperate: boolean, timeout = 3000) {
  const faults = fault === "" ? [] : [fault];
  await using both = await proxiedServer({ faults }, { cooperate });
  return await found(halfCloseCheck, both.proxy.endpoint, { timeout });
}

describe("with cooperation", () => {
  test.each([
    ["", "kept", "fine", ""],
    ["delay 100ms+-50ms", "kept", "fine", ""],
    ["reset-as-finish", "kept", "fine", ""],
    ["late-finish 500ms", "kept", "fine", ""],
    ["finish-as-reset", "kept", "notable", "then the connection was reset"],
    ["no-half-close", "lost", "harmful", "ended with a FIN"],
    [
      "finish-as-reset toward server",
      "lost",
      "harmful",
      "the server saw a reset (RST)",
    ],
    // The FIN is not what they come from.
    ["finish idle 400ms", "unknown", "unknown", "whether we have finished"],
    ["mute after 1500 toward server", "unknown", "unknown", "476 of 1,024"],
    ["corrupt after 1500 toward server", "unknown", "unknown", "changed"],
  ] as const)(
    "behind %s it is %s",
    async (fault, status, rating, text) => {
      const finding = await behind(fault, true);
      expect(finding).toMatchObject({ status, rating });
      expect(finding.text).toContain(text);
    },
    60_000,
  );

  test("a server that ends connections itself is not the path", async () => {
    await using server = await serving({ cooperate: true, maxLifetime: 400 });
    const finding = await found(halfCloseCheck, server.endpoint);
    expect(finding).toMatchObject({
      status: "unknown",
      text: "the server itself ended the connection before it answered",
    });
  });

  test("connections that differ are told", async () => {
    const faults = ["no-half-close on every 2nd"];
    await using both = await proxiedServer({ faults }, { cooperate: true });
    const finding = await found(halfCloseCheck, both.proxy.endpoint);
    expect(finding.status).toBe("unknown");
    expect(finding.text).toMatch(
      / was (kept on 2 .*lost|lost on 2 .*kept) on 2/,
    );
  });

  test("over TLS, and over a Unix socket", async () => {
    await using folder = await temporaryFolder();
    await using server = await serving({
      addresses: ["tls://127.0.0.1:0", `unix:${folder.path("echo")}`],
      tls: identity,
      cooperate: true,
      reply: "stamp",
    });
    const approach = { tls: { insecure: true } };
    const [secure, local] = server.addresses as [Endpoint, Endpoint];
    const findings = await Promise.all([
      found(halfCloseCheck, secure, { approach }),
      found(halfCloseCheck, local),
    ]);
    expect(findings.map(({ status }) => status)).toEqual(["kept", "kept"]);
  });
});

describe("alone", () => {
  test.each([
    ["", "kept", "fine", "all 20.0 MB came back"],
    ["finish-as-reset", "kept", "notable", "then the connection was reset"],
    ["no-half-close", "lost", "harmful", "all do without an early FIN"],
    ["reset after 1MiB", "unknown", "unknown", "1,048,576 bytes, before our"],
    ["finish after 19MB", "unknown", "unknown", "neither did all"],
    ["corrupt after 5MB", "unknown", "unknown", "from byte 5,000,000 on"],
    ["stall after 1MiB", "unknown", "unknown", "fell silent after"],
  ] as const)(
    "behind %s it is %s",
    async (fault, status, rating, text) => {
      const finding = await behind(fault, false);
      expect(finding).toMatchObject({ status, rating });
      expect(finding.text).toContain(text);
    },
    120_000,
  );

  test("connections that differ are told", async () => {
    const faults = ["no-half-close on every 2nd"];
    await using both = await proxiedServer({ faults });
    const finding = await found(halfCloseCheck, both.proxy.endpoint);
    expect(finding).toMatchObject({ status: "unknown", rating: "unknown" });
    expect(finding.text).toMatch(/lost on 1.*of 20\.0 MB short/);
  }, 120_000);

  test("over TLS, and over a Unix socket", async () => {
    await using folder = await temporaryFolder();
    await using server = await serving({
      addresses: ["tls://127.0.0.1:0", `unix:${folder.path("echo")}`],
      tls: identity,
      reply: "stamp",
    });
    const [secure, local] = server.addresses as [Endpoint, Endpoint];
    const approach = { tls: { insecure: true } };
    expect(await found(halfCloseCheck, secure, { approach })).toMatchObject({
      status: "kept",
    });
    expect(await found(halfCloseCheck, local)).toMatchObject({
      status: "kept",
    });
  }, 120_000);
});

test("it ends where it is stopped, and leaves nothing open", async () => {
  await using server = await serving();
  const stopping = new AbortController();
  const path = await pathTo(server.endpoint, { stop: stopping.signal });
  const running = halfCloseCheck.run(path, () => {});
  await until(() => server.tally.bytes.in > 1_000_000, "bytes to come");
  stopping.abort();
  await expect(running).rejects.toThrow();
  await until(() => server.connections.length === 0, "nothing to be open");
});

test.skipIf(noPython)(
  "servers in Python keep it",
  async () => {
    const statusOf = async (...command: [string, ...string[]]) => {
      await using server = new Program(peer(...command));
      const port = Number((await server.says(/\d+/))[0]);
      const target = { kind: "tcp", host: "127.0.0.1", port } as const;
      return (await found(halfCloseCheck, target)).status;
    };
    // Mostly they wait for a reader that rests.
    const statuses = await Promise.all([
      statusOf("asyncio_echo"),
      statusOf("threaded_echo", "bytes"),
      statusOf("threaded_echo", "lines"),
      statusOf("threaded_echo", "stamps"),
      statusOf("tutorial_server"),
    ]);
    expect([...new Set(statuses)]).toEqual(["kept"]);
  },
  120_000,
);

test.skipIf(noSocat)(
  "a program behind socat, as inetd would run it, is not blamed wrongly",
  async () => {
    await using server = await socatTo("EXEC:cat");
    const finding = await found(halfCloseCheck, server.endpoint);
    expect(finding.status).toBe("kept");
  },
  120_000,
);

test.skipIf(ncat === undefined)(
  "a server that gets stuck is not said to lose it",
  async () => {
    const port = freePort();
    const command = ["-v", "-l", "-k", "-e", "/bin/cat", "127.0.0.1"];
    await using server = new Program([ncat!, ...command, String(port)]);
    await server.says(/Listening on 127.0.0.1/);
    const target = { kind: "tcp", host: "127.0.0.1", port } as const;
    const finding = await found(halfCloseCheck, target, { timeout: 3000 });
    // It stops reading while its answer is not read, or has had luck.
    if (finding.status !== "kept") {
      expect(finding).toMatchObject({ status: "unknown", rating: "unknown" });
    }
  },
  120_000,
);
