import { afterAll, beforeAll, describe, expect, test } from "bun:test";

import type { Endpoint } from "../../src/address/endpoint.ts";
import type { Check } from "../../src/check/checks/check.ts";
import { halfCloseCheck } from "../../src/check/checks/half-close/half-close.ts";
import { resetToClient } from "../../src/check/checks/reset/to-client.ts";
import { resetToServer } from "../../src/check/checks/reset/to-server.ts";
import { serverFinish } from "../../src/check/checks/server-finish/server-finish.ts";
import { haproxy, noHaproxy, startHaproxy } from "../support/haproxy.ts";
import { nginx, noNginx } from "../support/nginx.ts";
import { found } from "../support/path-to.ts";
import { type Serving, serving } from "../support/serving.ts";
import { noSocat, socat } from "../support/socat.ts";

/**
 * What one end sees differs from time to time: HAProxy 2.6 resets one of some
 * twenty connections with an early FIN, and a rest may come too late for socat.
 */
const DIFFERS: readonly string[] = ["HAProxy", "socat"];

type Route = AsyncDisposable & { endpoint: Endpoint };

const CHECKS: Check[] = [
  halfCloseCheck,
  serverFinish,
  resetToClient,
  resetToServer,
];

/** What lies between, and what it makes of both kinds of end, both ways. */
const PATHS: {
  name: string;
  missing?: boolean;
  start(server: Endpoint): Promise<Route> | Route;
  statuses: string[];
  /** What one end can tell of half-close, and in which words. */
  alone: [status: string, text: string];
}[] = [
  {
    name: "direct",
    start: (endpoint) => ({
      endpoint,
      [Symbol.asyncDispose]: async () => {},
    }),
    statuses: ["kept", "kept", "kept", "kept"],
    alone: ["kept", "all 20.0 MB came back"],
  },
  {
    name: "HAProxy",
    missing: noHaproxy,
    start: (server) => haproxy(server, ""),
    statuses: ["kept", "kept", "finish", "kept"],
    alone: ["kept", "all 20.0 MB came back"],
  },
  {
    name: "nginx",
    missing: noNginx,
    start: (server) => nginx(server),
    statuses: ["lost", "lost", "finish", "finish"],
    alone: ["lost", "ended with a FIN after our FIN: "],
  },
  {
    name: "nginx with proxy_half_close",
    missing: noNginx,
    start: (server) => nginx(server, "proxy_half_close on;"),
    statuses: ["kept", "kept", "finish", "finish"],
    alone: ["kept", "all 20.0 MB came back"],
  },
  {
    name: "socat",
    missing: noSocat,
    start: (server) => socat(server),
    statuses: ["lost", "kept", "finish", "finish"],
    alone: ["lost", "after our FIN, and a second in which we did not read: "],
  },
];

let cooperating: Serving;
let plain: Serving;

beforeAll(async () => {
  cooperating = await serving({ cooperate: true });
  plain = await serving();
});

afterAll(async () => {
  await cooperating[Symbol.asyncDispose]();
  await plain[Symbol.asyncDispose]();
});

for (const { name, missing = false, start, statuses, alone } of PATHS) {
  describe.skipIf(missing)(name, () => {
    test("with cooperation", async () => {
      await using route = await start(cooperating.endpoint);
      const findings = await Promise.all(
        CHECKS.map((check) => found(check, route.endpoint)),
      );
      expect(findings.map(({ status }) => status)).toEqual(statuses);
    }, 60_000);

    test("alone", async () => {
      await using route = await start(plain.endpoint);
      const [status, text] = alone;
      const mixed = DIFFERS.includes(name) ? ["unknown"] : [];
      const findings = await Promise.all(
        CHECKS.map((check) => found(check, route.endpoint)),
      );
      const [halfClose, ...others] = findings;
      const unknowns = others.map((finding) => finding.status);
      expect(unknowns).toEqual(["unknown", "unknown", "unknown"]);
      expect([status, ...mixed]).toContain(halfClose!.status);
      if (halfClose!.status === status) {
        expect(halfClose!.text).toContain(text);
      } else
        expect(halfClose!.text).toMatch(/kept on \d.*lost on|lost on \d.*kept/);
    }, 120_000);
  });
}

test.skipIf(noHaproxy)(
  "HAProxy's limits for half-closed connections are told with their time",
  async () => {
    const { port } = cooperating;
    await using route = await startHaproxy(
      (admin) => `global
  stats socket ${admin}
defaults
  mode tcp
  timeout connect 10s
  timeout client 60s
  timeout server 60s
  timeout client-fin 400ms
  timeout server-fin 400ms
listen both
  bind fd@3
  server echo 127.0.0.1:${port}
`,
    );
    const [halfClose, finish] = await Promise.all([
      found(halfCloseCheck, route.endpoint),
      found(serverFinish, route.endpoint),
    ]);
    expect(halfClose).toMatchObject({ status: "lost", rating: "harmful" });
    expect(halfClose.text).toMatch(/ended with a FIN \d{3} ms after our FIN/);
    expect(halfClose.means).toContain("`timeout client-fin`");
    expect(finish).toMatchObject({ status: "kept", rating: "notable" });
  },
  60_000,
);
