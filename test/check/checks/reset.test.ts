import { expect, test } from "bun:test";

import { resetToClient } from "../../../src/check/checks/reset/to-client.ts";
import { resetToServer } from "../../../src/check/checks/reset/to-server.ts";
import type { Endpoint } from "../../../src/address/endpoint.ts";
import { identity } from "../../support/certificates.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { found, type PathOptions } from "../../support/path-to.ts";
import { proxiedServer, proxying } from "../../support/proxying.ts";
import { serving } from "../../support/serving.ts";

async function both(target: Endpoint, options: PathOptions = {}) {
  const client = await found(resetToClient, target, options);
  const server = await found(resetToServer, target, options);
  return [client, server] as const;
}

test.each([
  ["", "kept", "kept"],
  ["delay 100ms+-50ms", "kept", "kept"],
  ["no-half-close", "kept", "kept"],
  ["finish-as-reset", "kept", "kept"],
  ["reset-as-finish", "finish", "finish"],
  ["reset-as-finish toward client", "finish", "kept"],
  ["reset-as-finish toward server", "kept", "finish"],
] as const)(
  "behind %s they are %s and %s",
  async (fault, toClient, toServer) => {
    const faults = fault === "" ? [] : [fault];
    await using path = await proxiedServer({ faults }, { cooperate: true });
    const [client, server] = await both(path.proxy.endpoint);
    expect([client.status, server.status]).toEqual([toClient, toServer]);
    expect(client.rating).toBe(toClient === "kept" ? "fine" : "harmful");
    expect(server.rating).toBe(toServer === "kept" ? "fine" : "notable");
  },
  60_000,
);

test("one that does not arrive is lost", async () => {
  const faults = ["vanish idle 50ms"];
  await using path = await proxiedServer({ faults }, { cooperate: true });
  const { endpoint } = path.proxy;
  const finding = await found(resetToClient, endpoint, { timeout: 1000 });
  expect(finding).toMatchObject({ status: "lost", rating: "harmful" });
}, 60_000);

test("our own that does not arrive is lost", async () => {
  // The answers have passed; what is behind the line that was exchanged has not.
  const faults = ["mute after 1032 toward server"];
  await using path = await proxiedServer({ faults }, { cooperate: true });
  const { endpoint } = path.proxy;
  const finding = await found(resetToServer, endpoint, { timeout: 2000 });
  expect(finding).toMatchObject({ status: "lost", rating: "harmful" });
}, 60_000);

test("connections that differ are told", async () => {
  const faults = ["reset-as-finish on every 2nd"];
  await using path = await proxiedServer({ faults }, { cooperate: true });
  const finding = await found(resetToClient, path.proxy.endpoint);
  expect(finding.status).toBe("unknown");
  expect(finding.text).toMatch(/(kept|finish) on 2 connections, \w+ on 2/);
});

test("over TLS they are kept", async () => {
  await using server = await serving({
    addresses: ["tls://127.0.0.1:0"],
    tls: identity,
    cooperate: true,
  });
  const approach = { tls: { insecure: true } };
  const findings = await both(server.endpoint, { approach });
  expect(findings.map(({ status }) => status)).toEqual(["kept", "kept"]);
});

test("over TLS a FIN without the end of TLS is told apart", async () => {
  await using server = await serving({
    addresses: ["tls://127.0.0.1:0"],
    tls: identity,
    cooperate: true,
  });
  const { port } = server;
  await using proxy = await proxying({
    target: `127.0.0.1:${port}`,
    faults: ["reset-as-finish toward client"],
  });
  const approach = { tls: { insecure: true } };
  const target = { ...proxy.endpoint, kind: "tls" } as Endpoint;
  const finding = await found(resetToClient, target, { approach });
  expect(finding.status).toBe("finish");
  expect(finding.text).toContain("without the end of TLS");
});

test("a Unix socket has none, and neither has a server on one", async () => {
  await using folder = await temporaryFolder();
  await using server = await serving({
    addresses: [`unix:${folder.path("echo")}`],
    cooperate: true,
  });
  await using proxy = await proxying({ target: server.endpoint });
  for (const finding of await both(server.endpoint)) {
    expect(finding).toMatchObject({ status: "unknown", rating: "unknown" });
  }
  const [client, ours] = await both(proxy.endpoint);
  expect(client.text).toBe("a Unix socket has no reset");
  expect(ours.text).toBe("a Unix socket has no reset");
});

test("alone they can't be told", async () => {
  await using server = await serving();
  for (const finding of await both(server.endpoint)) {
    expect(finding).toMatchObject({ status: "unknown", rating: "unknown" });
    expect(finding.means).toContain("--cooperate");
  }
});
