import { expect, test } from "bun:test";

import type { Life } from "../../../src/check/checks/lifetime/life.ts";
import { lifetimeCheck } from "../../../src/check/checks/lifetime/lifetime.ts";
import { findingOf } from "../../../src/check/checks/lifetime/words.ts";
import { STATUSES } from "../../../src/check/statuses.ts";
import { Program } from "../../support/cli.ts";
import { found, pathTo } from "../../support/path-to.ts";
import { proxiedServer, proxying } from "../../support/proxying.ts";
import { noPython, peer } from "../../support/python.ts";
import { serving } from "../../support/serving.ts";
import { until } from "../../support/until.ts";

const at = (port: number) =>
  ({ kind: "tcp", host: "127.0.0.1", port }) as const;

test("it runs where a time is given, or it is asked for", async () => {
  await using server = await serving();
  const path = await pathTo(server.endpoint);
  expect(lifetimeCheck.applies!(path)).toBe(false);
  const other = await pathTo(server.endpoint, { lifetime: 1000 });
  expect(lifetimeCheck.applies!(other)).toBe(true);
});

test.each([true, false])(
  "connections that live for all of it, cooperation %p",
  async (cooperate) => {
    await using both = await proxiedServer({}, { cooperate });
    const options = { lifetime: 600 };
    const { endpoint } = both.proxy;
    const finding = await found(lifetimeCheck, endpoint, options);
    expect(finding).toMatchObject({
      status: "none",
      value: 0.6,
      rating: "fine",
    });
  },
);

test("a server's own limit is the server's", async () => {
  await using server = await serving({ cooperate: true, maxLifetime: 500 });
  const options = { lifetime: 20_000 };
  const finding = await found(lifetimeCheck, server.endpoint, options);
  expect(finding).toMatchObject({ status: "server", rating: "notable" });
  expect(finding.text).toContain("whose limit is 500 ms");
}, 60_000);

test.each([
  ["finish after 700ms", "with a FIN", "notable"],
  ["reset after 700ms", "with a reset (RST)", "notable"],
  ["vanish after 700ms", "silently", "harmful"],
] as const)(
  "a path's %s is the path's, at that age",
  async (fault, text, rating) => {
    const faults = [fault];
    await using both = await proxiedServer({ faults }, { cooperate: true });
    const options = { lifetime: 10_000, timeout: 1000 };
    const finding = await found(lifetimeCheck, both.proxy.endpoint, options);
    expect(finding).toMatchObject({ status: "path", rating });
    expect(finding.text).toContain(`ended ${text} after `);
    expect(finding.means).toContain("the same age");
  },
  60_000,
);

test("alone it is told that it ended, and not who did it", async () => {
  await using both = await proxiedServer({ faults: ["finish after 700ms"] });
  const { endpoint } = both.proxy;
  const finding = await found(lifetimeCheck, endpoint, { lifetime: 10_000 });
  expect(finding).toMatchObject({ status: "ended", rating: "notable" });
  expect(finding.means).toContain("--cooperate");
}, 60_000);

test("a restart of what lies between ends all at one moment", async () => {
  await using server = await serving({ cooperate: true });
  const { endpoint } = server;
  const first = await proxying({ target: endpoint });
  const path = await pathTo(first.endpoint, { lifetime: 10_000 });
  const open = (count: number) =>
    until(() => server.connections.length === count, `${count} to be open`);
  await open(0);
  const finding = lifetimeCheck.run(path, () => {});
  await open(2);
  await first[Symbol.asyncDispose]();
  await using _second = await proxying({
    listen: first.endpoint,
    target: endpoint,
  });
  const { status, means } = await finding;
  expect(status).toBe("path");
  expect(means).toContain("at the same moment");
}, 60_000);

test.skipIf(noPython)("a server that serves one at a time", async () => {
  await using server = new Program(peer("tutorial_server"));
  const port = Number((await server.says(/\d+/))[0]);
  const finding = await found(lifetimeCheck, at(port), { lifetime: 500 });
  expect(finding.status).toBe("none");
  expect(finding.evidence["connections"]).toHaveLength(1);
});

test("what one connection met, and the other did not, is told", () => {
  const life: Life = {
    how: "none",
    age: 60_000,
    at: 60_000,
    server: null,
    serverLimit: null,
    instance: "a",
  };
  const cut = { ...life, how: "RST", age: 5000, server: "RST" } as const;
  const finding = findingOf([cut, life], 60_000);
  expect(finding).toMatchObject({ status: "path", value: 5 });
  expect(finding.text).toStartWith("1 of 2 connections in use ended");
  expect(STATUSES.lifetime.words).toContain(finding.status);
  const gone = { ...cut, server: null } as const;
  expect(findingOf([gone, cut], 60_000).status).toBe("ended");
});

test("it ends where it is stopped", async () => {
  await using server = await serving();
  const stopping = new AbortController();
  const options = { lifetime: 60_000, stop: stopping.signal };
  const path = await pathTo(server.endpoint, options);
  const running = lifetimeCheck.run(path, () => {});
  stopping.abort();
  await expect(running).rejects.toThrow();
});
