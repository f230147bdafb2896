import { describe, expect, test } from "bun:test";

import { check } from "../../../src/check/check.ts";
import { limitCheck } from "../../../src/check/checks/limit/limit.ts";
import { Held } from "../../../src/check/checks/limit/held.ts";
import { search } from "../../../src/check/checks/limit/search.ts";
import { Program } from "../../support/cli.ts";
import { noHaproxy, startHaproxy } from "../../support/haproxy.ts";
import { found, pathTo } from "../../support/path-to.ts";
import { proxiedServer } from "../../support/proxying.ts";
import { noPython, peer } from "../../support/python.ts";
import { serving } from "../../support/serving.ts";

test("a server without a limit serves as many as are asked for", async () => {
  await using server = await serving();
  const finding = await found(limitCheck, server.endpoint, { connections: 70 });
  expect(finding).toMatchObject({ status: "none", value: 70, rating: "fine" });
  // Nothing is left open.
  expect(server.tally.connections.open).toBe(0);
});

test.each([{ maxConnections: 20 }, { maxConnectionsPerIp: 12 }])(
  "the server's own limit is found: %o",
  async (options) => {
    await using server = await serving(options);
    const limit = Object.values(options)[0]!;
    expect(
      await found(limitCheck, server.endpoint, { connections: 40 }),
    ).toMatchObject({
      status: String(limit),
      value: limit,
      rating: "notable",
      evidence: { beyond: "refused", between: 0 },
    });
  },
);

test("what others hold on the path is counted", async () => {
  await using server = await serving({ maxConnections: 20 });
  const path = await pathTo(server.endpoint, { connections: 40 });
  await using _one = await path.open();
  await using _other = await path.open();
  expect(await limitCheck.run(path, () => {})).toMatchObject({
    status: "20",
    evidence: { served: 18, others: 2 },
  });
});

test.skipIf(noHaproxy)("HAProxy's maxconn lets others wait", async () => {
  await using server = await serving();
  const { port } = server.endpoint as { port: number };
  await using balancer = await startHaproxy(
    (admin) => `global
  stats socket ${admin}
defaults
  mode tcp
  timeout connect 10s
  timeout client 60s
  timeout server 60s
frontend front
  bind fd@3
  maxconn 15
  default_backend back
backend back
  server echo 127.0.0.1:${port}
`,
  );
  expect(
    await found(limitCheck, balancer.endpoint, { connections: 40 }),
  ).toMatchObject({ status: "15", evidence: { beyond: "waiting" } });
});

test.skipIf(noPython)("a server that serves one at a time", async () => {
  await using server = new Program(peer("tutorial_server"));
  const port = Number((await server.says(/\d+/))[0]);
  const target = { kind: "tcp", host: "127.0.0.1", port } as const;
  for (let times = 0; times < 2; times += 1) {
    expect(await found(limitCheck, target)).toMatchObject({
      status: "1",
      evidence: { beyond: "waiting" },
    });
  }
});

test("idle connections of another check don't take its room", async () => {
  await using server = await serving({ maxConnections: 30, cooperate: true });
  const only = ["idle", "limit"] as const;
  const idle = 3000;
  const { checks } = await check(server.endpoint, { only, idle });
  expect(checks).toMatchObject([
    { name: "idle", status: "none" },
    { name: "limit", status: "30", evidence: { others: 0, between: 0 } },
  ]);
});

test("a server that is gone serves none", async () => {
  const server = await serving();
  const path = await pathTo(server.endpoint);
  await server[Symbol.asyncDispose]();
  const finding = await limitCheck.run(path, () => {});
  expect(finding.status).toBe("unknown");
  expect(finding.text).toBe(
    "no connection was served: one was refused or reset",
  );
});

describe("on a bad path", () => {
  test("a limit is one, wherever it is", async () => {
    await using both = await proxiedServer({ faults: ["limit 10"] });
    expect(
      await found(limitCheck, both.proxy.endpoint, { connections: 30 }),
    ).toMatchObject({ status: "10", evidence: { beyond: "refused" } });
  });

  test("some that fail are no limit", async () => {
    await using both = await proxiedServer({ faults: ["refuse on every 7th"] });
    const finding = await found(limitCheck, both.proxy.endpoint, {
      connections: 30,
    });
    expect(finding).toMatchObject({ status: "none", rating: "notable" });
    expect(finding.value).toBe(30);
  });

  test("a path that takes no more connections has no limit of them", async () => {
    await using both = await proxiedServer();
    const path = await pathTo(both.proxy.endpoint, { connections: 30 });
    await using held = new Held(path);
    for (let count = 0; count < 5; count += 1) await held.open();
    both.proxy.faults = ["refuse"];
    expect(await search(path, held, 30, () => {})).toMatchObject({
      why: "failing",
      beyond: "refused",
    });
  });

  test("one that stands still for a while has none", async () => {
    await using both = await proxiedServer({ faults: ["freeze 2500ms"] });
    const finding = await found(limitCheck, both.proxy.endpoint, {
      connections: 6,
    });
    expect(finding).toMatchObject({ status: "none", value: 6 });
  });
});
