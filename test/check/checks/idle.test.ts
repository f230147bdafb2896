import { describe, expect, test } from "bun:test";
import fc from "fast-check";

import {
  devicesAt,
  rungsBetween,
  rungsUpTo,
} from "../../../src/check/checks/idle/ladder.ts";
import { findingOf, idleCheck } from "../../../src/check/checks/idle/idle.ts";
import type { Fate } from "../../../src/check/checks/idle/resting.ts";
import {
  bracketOf,
  contradictions,
} from "../../../src/check/checks/idle/search.ts";
import { startProxy } from "../../../src/proxy/proxy.ts";
import { startServer } from "../../../src/server/server.ts";
import { run } from "../../support/cli.ts";
import { forgetful, Network, noNetns } from "../../support/netns.ts";
import { nginx, noNginx } from "../../support/nginx.ts";
import { found, pathTo } from "../../support/path-to.ts";

function fate(seconds: number, result: Fate["result"]): Fate {
  return {
    seconds,
    direction: "from-client",
    result,
    atUse: true,
    keepalives: 0,
    server: null,
  };
}

/** What a device that forgets after so many seconds does to each rung. */
const behind = (forgets: number) => (seconds: number) =>
  fate(seconds, seconds < forgets ? "alive" : "silent");

describe("a ladder", () => {
  test("has what forgets between two of its rungs", () => {
    const times = fc.double({ min: 1.1, max: 59, noNaN: true });
    fc.assert(
      fc.property(times, (forgets) => {
        const { survived, killed } = bracketOf(
          rungsUpTo(60).map(behind(forgets)),
        );
        expect(survived).toBeLessThan(forgets);
        expect(killed!.seconds).toBeGreaterThanOrEqual(forgets);
        // What is tried inside then is known to a twentieth.
        const inside = rungsBetween(survived, killed!.seconds);
        const closer = bracketOf(inside.map(behind(forgets)));
        const most = closer.killed?.seconds ?? killed!.seconds;
        const least = Math.max(closer.survived, survived);
        expect((most - least) / most).toBeLessThan(0.05);
      }),
    );
  });

  test("has a rung just below and above each default that is known", () => {
    const rungs = rungsUpTo(7440);
    for (const forgets of [60, 240, 300, 350, 600, 900, 1200, 3600, 7440]) {
      const { survived, killed } = bracketOf(rungs.map(behind(forgets)));
      expect(survived / forgets).toBeGreaterThan(0.97);
      expect(killed!.seconds / forgets).toBeLessThan(1.03);
      expect(devicesAt(survived, killed!.seconds)).toBeString();
    }
    expect(rungs).toEqual(rungs.toSorted((a, b) => a - b));
    expect(devicesAt(100, 103)).toBeUndefined();
  });

  test("goes as far as was asked for", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 90_000, noNaN: true }), (most) => {
        const rungs = rungsUpTo(most);
        expect(rungs.at(-1)!).toBeGreaterThanOrEqual(most);
        expect(rungs.at(-1)!).toBeLessThanOrEqual(most * 1.021);
        expect(rungs.length).toBeLessThan(90);
      }),
    );
  });
});

test("those that lived longer than one that died are several devices", async () => {
  await using server = await startServer({ addresses: ["127.0.0.1:0"] });
  const path = await pathTo(server.addresses[0]!);
  const fates = [fate(1, "alive"), fate(2, "silent"), fate(4, "alive")];
  expect(contradictions(fates)).toEqual([fates[2]!]);
  const searched = { direction: "from-client" as const, fates, untried: 0 };
  const { status, text, value } = findingOf(path, [searched], null);
  expect({ status, value }).toEqual({ status: "silent", value: 1 });
  expect(text).toContain("several devices, or backends, differ");
});

test("keepalives of others make it an at least", async () => {
  await using server = await startServer({ addresses: ["127.0.0.1:0"] });
  const path = await pathTo(server.addresses[0]!);
  const fates = [{ ...fate(30, "alive"), keepalives: 2 }];
  const searched = { direction: "from-client" as const, fates, untried: 0 };
  const { status, text, means } = findingOf(path, [searched], null);
  expect(status).toBe("none");
  expect(text).toContain("sent keepalives");
  expect(means).toContain("never that long");
});

describe.each([true, false])(
  "with a server that cooperates: %p",
  (cooperate) => {
    const serve = () =>
      startServer({ addresses: ["127.0.0.1:0"], reply: "raw", cooperate });

    test("a direct path has none", async () => {
      await using server = await serve();
      const { status, rating, value } = await found(
        idleCheck,
        server.addresses[0]!,
        { idle: 3000 },
      );
      expect({ status, rating, value }).toEqual({
        status: "none",
        rating: "fine",
        value: 3,
      });
    });

    test.each([
      ["finish idle 2s", "finish", "notable"],
      ["reset idle 2s", "reset", "notable"],
      ["vanish idle 2s", "silent", "harmful"],
    ] as const)("%s is told", async (fault, status, rating) => {
      await using server = await serve();
      const [target] = server.addresses;
      await using proxy = await startProxy({
        target: target!,
        faults: [fault],
      });
      const [at] = proxy.addresses;
      const finding = await found(idleCheck, at!, { idle: 5000 });
      expect(finding).toMatchObject({ status, rating });
      expect(finding.value).toBeGreaterThan(1.5);
      expect(finding.value).toBeLessThan(2.5);
    });
  },
);

test("a server's own idle timeout is not the path's", async () => {
  await using server = await startServer({
    addresses: ["127.0.0.1:0"],
    cooperate: true,
    idleTimeout: 2000,
  });
  const { status, text } = await found(idleCheck, server.addresses[0]!, {
    idle: 6000,
  });
  expect(status).toBe("finish");
  expect(text).toStartWith("the server itself ended an idle connection");
});

test.skipIf(noNginx)("nginx's proxy_timeout is an announced end", async () => {
  await using server = await startServer({ addresses: ["127.0.0.1:0"] });
  const [target] = server.addresses;
  await using proxy = await nginx(target!, "proxy_timeout 2s;");
  const finding = await found(idleCheck, proxy.endpoint, { idle: 5000 });
  expect(finding.status).toBe("finish");
  expect(finding.value).toBeGreaterThan(1.5);
  expect(finding.value).toBeLessThan(4);
});

test("a server that serves one at a time is tried with one connection", async () => {
  await using server = await startServer({ addresses: ["127.0.0.1:0"] });
  const path = await pathTo(server.addresses[0]!, { idle: 1500 });
  path.known.oneAtATime = true;
  const finding = await idleCheck.run(path, () => {});
  expect(finding).toMatchObject({ status: "none", value: 1.5 });
});

test.skipIf(noNetns)(
  "a NAT that forgets after 6 s is found, without root",
  async () => {
    await using network = await Network.make(forgetful(6));
    await using _server = await network.serve("server", "0.0.0.0:7");
    const args = [`${network.server}:7`, "--only", "idle", "--json", "-"];
    const { stdout, stderr } = await run(network.client("check", ...args));
    if (stdout === "") throw new Error(stderr);
    const { checks, seconds } = JSON.parse(stdout);
    const [{ status, evidence }] = checks;
    expect(status).toBe("silent");
    expect(evidence.survived).toBeGreaterThan(5.5);
    expect(evidence.killed).toBeLessThan(7);
    expect(evidence.killed - evidence.survived).toBeLessThan(0.4);
    expect(seconds).toBeLessThan(60);
  },
);
