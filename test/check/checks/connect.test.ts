import { expect, test } from "bun:test";

import {
  connectCheck,
  connectTo,
} from "../../../src/check/checks/connect/connect.ts";
import { kindOf } from "../../../src/check/checks/connect/attempt.ts";
import { Reason } from "../../../src/errors/errors.ts";
import { startServer } from "../../../src/server/server.ts";
import { Program } from "../../support/cli.ts";
import { identity } from "../../support/certificates.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { found, pathTo } from "../../support/path-to.ts";
import { proxiedServer } from "../../support/proxying.ts";
import { noPython, peer } from "../../support/python.ts";
import { serving } from "../../support/serving.ts";

const at = (host: string, port: number) =>
  ({ kind: "tcp", host, port }) as const;

test("each address is told with its time and family", async () => {
  await using server = await serving({ addresses: ["[::]:0"] });
  const { port } = server.endpoint as { port: number };
  const path = await pathTo(at("127.0.0.1", port));
  const addresses = [at("::1", port), at("127.0.0.1", port)];
  const finding = await connectTo(path, addresses);
  expect(finding).toMatchObject({
    status: "ok",
    rating: "fine",
    evidence: {
      addresses: [
        { address: "::1", family: "IPv6", error: null, attempts: 3, failed: 0 },
        { address: "127.0.0.1", family: "IPv4", tlsMs: null },
      ],
    },
  });
  const { addresses: told } = finding.evidence as {
    addresses: { ms: number }[];
  };
  expect(finding.value).toBe(Math.max(...told.map(({ ms }) => ms)) / 1000);
});

test("the handshake of TLS is told apart", async () => {
  await using server = await startServer({
    addresses: ["tls://127.0.0.1:0"],
    tls: identity,
  });
  const approach = { tls: { insecure: true } };
  const finding = await found(connectCheck, server.addresses[0]!, { approach });
  expect(finding.status).toBe("ok");
  const { addresses } = finding.evidence as { addresses: { tlsMs: number }[] };
  expect(addresses[0]!.tlsMs).toBeGreaterThan(0);
  expect(finding.text).toContain("TLSv1.3");
});

test("a PROXY header comes first, and a Unix socket has no family", async () => {
  await using folder = await temporaryFolder();
  const path = folder.path("echo");
  await using server = await startServer({
    addresses: [`unix:${path}`],
    proxyProtocol: true,
  });
  const approach = { sendProxy: 2 as const };
  const finding = await found(connectCheck, server.addresses[0]!, { approach });
  expect(finding).toMatchObject({
    status: "ok",
    evidence: { addresses: [{ address: path, family: "unix" }] },
  });
});

test("addresses that refuse, or don't answer, are told apart", async () => {
  await using server = await serving();
  await using full = await proxiedServer({ faults: ["backlog-full"] });
  await using refusing = await proxiedServer({ faults: ["refuse"] });
  const path = await pathTo(server.endpoint, { timeout: 2000 });
  const { port } = server.endpoint as { port: number };
  const closed = at("127.0.0.2", port);

  const refused = await connectTo(path, [closed, server.endpoint]);
  expect(refused).toMatchObject({
    status: "partly",
    rating: "notable",
    evidence: { addresses: [{ kind: "refused", ms: null, attempts: 2 }, {}] },
  });
  expect(refused.text).toStartWith("127.0.0.2 refused; 127.0.0.1 connected");

  const silent = await connectTo(path, [server.endpoint, full.proxy.endpoint]);
  expect(silent).toMatchObject({
    status: "partly",
    rating: "harmful",
    evidence: { addresses: [{ kind: null }, { kind: "silent" }] },
  });

  const all = [server.endpoint, refusing.proxy.endpoint];
  const unanswered = await connectTo(path, all);
  expect(unanswered.evidence["addresses"]).toMatchObject([
    { kind: null },
    { kind: "unanswered" },
  ]);
});

test("what this machine can't reach is not the path's fault", () => {
  expect(kindOf(new Reason("ENETUNREACH"))).toBe("unreachable");
  expect(kindOf(new Reason("EADDRNOTAVAIL"))).toBe("unreachable");
  expect(kindOf(new Reason("ECONNREFUSED"))).toBe("refused");
  expect(kindOf(new Reason("ETIMEDOUT"))).toBe("silent");
  expect(kindOf(new Reason("CERT_HAS_EXPIRED"))).toBe("failed");
});

test("a server that was there, and is no more, is told", async () => {
  const server = await serving();
  const path = await pathTo(server.endpoint);
  await server[Symbol.asyncDispose]();
  const finding = await connectTo(path, [server.endpoint]);
  expect(finding).toMatchObject({ status: "refused", rating: "harmful" });
});

test("some of a balancer's connections fail", async () => {
  await using both = await proxiedServer();
  const path = await pathTo(both.proxy.endpoint);
  both.proxy.faults = ["refuse on every 3rd"];
  const finding = await connectTo(path, [both.proxy.endpoint]);
  expect(finding).toMatchObject({ status: "ok", rating: "notable" });
  expect(finding.text).toContain("1 of 3 tries failed");
});

test.skipIf(noPython)("the tutorials' server survives it", async () => {
  await using server = new Program(peer("tutorial_server"));
  const port = Number((await server.says(/\d+/))[0]);
  for (let times = 0; times < 3; times += 1) {
    const finding = await found(connectCheck, at("127.0.0.1", port));
    expect(finding).toMatchObject({ status: "ok", rating: "fine" });
  }
});
