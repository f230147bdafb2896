import { expect, test } from "bun:test";

import { serverFinish } from "../../../src/check/checks/server-finish/server-finish.ts";
import { identity } from "../../support/certificates.ts";
import { found } from "../../support/path-to.ts";
import { proxiedServer } from "../../support/proxying.ts";
import { serving } from "../../support/serving.ts";

test.each([
  ["", "kept", "fine", "all that we sent behind it"],
  ["delay 100ms+-50ms", "kept", "fine", "all that we sent behind it"],
  ["reset-as-finish", "kept", "fine", ""],
  ["late-finish 500ms", "kept", "fine", ""],
  ["no-half-close", "lost", "harmful", "0 of 1,024 bytes arrived"],
  ["no-half-close toward client", "lost", "harmful", "ended both directions"],
  ["finish-as-reset", "lost", "harmful", "arrived as a reset (RST)"],
  ["finish idle 500ms", "kept", "notable", "1.00 s later did not"],
  // The FIN is not what it comes from.
  ["mute after 1500 toward server", "unknown", "unknown", "or not"],
] as const)(
  "behind %s it is %s",
  async (fault, status, rating, text) => {
    const faults = fault === "" ? [] : [fault];
    await using both = await proxiedServer({ faults }, { cooperate: true });
    const options = { timeout: 3000 };
    const finding = await found(serverFinish, both.proxy.endpoint, options);
    expect(finding).toMatchObject({ status, rating });
    expect(finding.text).toContain(text);
  },
  60_000,
);

test("a server's FIN that does not come is told", async () => {
  const faults = ["late-finish 30s toward client"];
  await using both = await proxiedServer({ faults }, { cooperate: true });
  const { proxy } = both;
  const finding = await found(serverFinish, proxy.endpoint, { timeout: 1000 });
  expect(finding).toMatchObject({ status: "lost", rating: "harmful" });
  expect(finding.text).toContain("did not arrive");
}, 60_000);

test("over TLS it is kept", async () => {
  await using server = await serving({
    addresses: ["tls://127.0.0.1:0"],
    tls: identity,
    cooperate: true,
  });
  const approach = { tls: { insecure: true } };
  const finding = await found(serverFinish, server.endpoint, { approach });
  expect(finding).toMatchObject({ status: "kept", rating: "fine" });
});

test("a server that ends connections itself is not the path", async () => {
  await using server = await serving({
    cooperate: true,
    onConnect: () =>
      setTimeout(() => server.connections.forEach((one) => one.end()), 50),
  });
  const finding = await found(serverFinish, server.endpoint);
  expect(finding).toMatchObject({ status: "unknown", rating: "unknown" });
});

test("alone it can't be told", async () => {
  await using server = await serving();
  const finding = await found(serverFinish, server.endpoint);
  expect(finding).toMatchObject({ status: "unknown", rating: "unknown" });
  expect(finding.means).toContain("--cooperate");
});
