import { expect, test } from "bun:test";
import { hostname } from "node:os";

import type { Endpoint } from "../../../src/address/endpoint.ts";
import { backendsCheck } from "../../../src/check/checks/backends.ts";
import { ChildServer } from "../../support/child.ts";
import {
  type Haproxy,
  noHaproxy,
  startHaproxy,
} from "../../support/haproxy.ts";
import { found } from "../../support/path-to.ts";
import { proxying } from "../../support/proxying.ts";
import { serving } from "../../support/serving.ts";

/** HAProxy before several servers. */
function balancing(
  servers: readonly Endpoint[],
  balance: string,
): Promise<Haproxy> {
  const lines = servers.map((server, index) =>
    server.kind === "unix"
      ? ""
      : `  server echo${index} ${server.host}:${server.port}`,
  );
  return startHaproxy(
    (admin) => `global
  stats socket ${admin}
defaults
  mode tcp
  timeout connect 10s
  timeout client 60s
  timeout server 60s
frontend front
  bind fd@3
  default_backend back
backend back
  balance ${balance}
${lines.join("\n")}
`,
  );
}

const child = () => ChildServer.start({ reply: "raw", cooperate: true });

test("alone it can't be told", async () => {
  await using server = await serving();
  const finding = await found(backendsCheck, server.endpoint);
  expect(finding.status).toBe("unknown");
  expect(finding.means).toContain("--cooperate");
});

test("one server is one instance", async () => {
  await using server = await serving({ cooperate: true });
  expect(await found(backendsCheck, server.endpoint)).toMatchObject({
    status: "1",
    value: 1,
    rating: "fine",
    evidence: {
      asked: 100,
      instances: [{ host: hostname(), connections: 100, share: 1 }],
    },
  });
});

test.skipIf(noHaproxy)("what servers say first is enough", async () => {
  const info = () => ChildServer.start({ reply: "info" });
  await using one = await info();
  await using other = await info();
  await using balancer = await balancing(
    [one.endpoint, other.endpoint],
    "roundrobin",
  );
  expect(await found(backendsCheck, balancer.endpoint)).toMatchObject({
    status: "2",
    rating: "fine",
    evidence: { asked: 100, others: 0, failed: {} },
  });
});

test.skipIf(noHaproxy)("HAProxy takes turns", async () => {
  await using one = await child();
  await using other = await child();
  await using balancer = await balancing(
    [one.endpoint, other.endpoint],
    "roundrobin",
  );
  for (let times = 0; times < 5; times += 1) {
    const finding = await found(backendsCheck, balancer.endpoint);
    expect(finding).toMatchObject({ status: "2", value: 2, rating: "fine" });
    const { instances } = finding.evidence as {
      instances: { connections: number }[];
    };
    for (const { connections } of instances) {
      expect(Math.abs(connections - 50)).toBeLessThanOrEqual(2);
    }
    expect(finding.text).toStartWith("2 processes on one host");
  }
});

test.skipIf(noHaproxy)(
  "HAProxy that goes by the client's address",
  async () => {
    await using one = await child();
    await using other = await child();
    await using balancer = await balancing(
      [one.endpoint, other.endpoint],
      "source",
    );
    const finding = await found(backendsCheck, balancer.endpoint);
    expect(finding.status).toBe("1");
    expect(finding.means).toContain("sessionAffinity");
  },
);

test.skipIf(noHaproxy)(
  "a backend that does not cooperate is told",
  async () => {
    await using one = await child();
    await using other = await ChildServer.start({ reply: "raw" });
    await using balancer = await balancing(
      [one.endpoint, other.endpoint],
      "roundrobin",
    );
    // Whichever of both is asked first.
    for (let times = 0; times < 4; times += 1) {
      const finding = await found(backendsCheck, balancer.endpoint);
      if (finding.status === "unknown") continue;
      expect(finding).toMatchObject({ status: "1", rating: "notable" });
      expect(finding.text).toContain(
        "others went to one that does not cooperate",
      );
      return;
    }
    throw new Error("the one that cooperates never answered first");
  },
);

test("connections that fail are counted", async () => {
  await using server = await serving({ cooperate: true });
  await using proxy = await proxying({
    target: server.endpoint,
    faults: ["refuse on every 5th"],
  });
  const finding = await found(backendsCheck, proxy.endpoint);
  expect(finding).toMatchObject({ status: "1", rating: "notable" });
  expect(finding.evidence["failed"]).toEqual({ ECONNRESET: 20 });
});
