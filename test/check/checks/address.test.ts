import { expect, test } from "bun:test";

import { addressCheck } from "../../../src/check/checks/address.ts";
import { startServer } from "../../../src/server/server.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { haproxy, noHaproxy } from "../../support/haproxy.ts";
import { found } from "../../support/path-to.ts";
import { proxying } from "../../support/proxying.ts";
import { serving } from "../../support/serving.ts";

test("alone it can't be told", async () => {
  await using server = await serving();
  const finding = await found(addressCheck, server.endpoint);
  expect(finding.status).toBe("unknown");
  expect(finding.means).toContain("--cooperate");
});

test.each(["127.0.0.1:0", "[::]:0"])(
  "of a server at %s it is ours",
  async (address) => {
    await using server = await serving({
      addresses: [address],
      cooperate: true,
    });
    const { port } = server.endpoint as { port: number };
    // A dual-stack server sees ::ffff:127.0.0.1.
    const target = { kind: "tcp", host: "127.0.0.1", port } as const;
    const finding = await found(addressCheck, target);
    expect(finding).toMatchObject({ status: "ours", rating: "fine" });
    expect(finding.evidence["peer"]).toBe(finding.evidence["ours"]);
  },
);

test("of an IPv6 connection, too", async () => {
  await using server = await serving({
    addresses: ["[::1]:0"],
    cooperate: true,
  });
  expect(await found(addressCheck, server.endpoint)).toMatchObject({
    status: "ours",
  });
});

test("through a proxy it is another one", async () => {
  await using server = await serving({ cooperate: true });
  await using proxy = await proxying({ target: server.endpoint });
  const finding = await found(addressCheck, proxy.endpoint);
  expect(finding).toMatchObject({ status: "translated", rating: "notable" });
  expect(finding.text).toContain("another port than ours");
});

test.skipIf(noHaproxy)("HAProxy's header is believed", async () => {
  await using server = await serving({ cooperate: true, proxyProtocol: true });
  await using balancer = await haproxy(server.endpoint, "send-proxy-v2");
  const finding = await found(addressCheck, balancer.endpoint);
  expect(finding).toMatchObject({ status: "header", rating: "fine" });
  expect(finding.text).toContain("which is ours");
});

test.each([1, 2] as const)(
  "our own header of version %d is believed",
  async (sendProxy) => {
    await using server = await serving({
      cooperate: true,
      proxyProtocol: true,
    });
    const finding = await found(addressCheck, server.endpoint, {
      approach: { sendProxy },
    });
    expect(finding).toMatchObject({
      status: "header",
      evidence: { sendProxy },
    });
    expect(finding.text).toContain("we ourselves said so");
  },
);

test("what a server says first is enough", async () => {
  await using server = await serving({ reply: "info" });
  expect(await found(addressCheck, server.endpoint)).toMatchObject({
    status: "ours",
  });
  await using proxy = await proxying({ target: server.endpoint });
  expect(await found(addressCheck, proxy.endpoint)).toMatchObject({
    status: "translated",
  });
});

test("a Unix socket has none, and a proxy to one has", async () => {
  await using folder = await temporaryFolder();
  const unix = `unix:${folder.path("echo")}`;
  await using server = await startServer({
    addresses: [unix],
    cooperate: true,
  });
  const target = server.addresses[0]!;
  expect(await found(addressCheck, target)).toMatchObject({ status: "ours" });
  await using proxy = await proxying({ target });
  expect(await found(addressCheck, proxy.endpoint)).toMatchObject({
    status: "translated",
  });
});
