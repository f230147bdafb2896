import { expect, test } from "bun:test";
import fc from "fast-check";

import { largestPassing } from "../../../src/check/checks/mtu/bisect.ts";
import { mtuCheck } from "../../../src/check/checks/mtu/mtu.ts";
import { startProxy } from "../../../src/proxy/proxy.ts";
import { startServer } from "../../../src/server/server.ts";
import { run } from "../../support/cli.ts";
import { holeAbove, Network, noNetns } from "../../support/netns.ts";
import { found } from "../../support/path-to.ts";

test("the largest size that passes is found, in few tries", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 500, max: 8999 }), async (most) => {
      let rounds = 0;
      const largest = await largestPassing(500, 9000, async (size) => {
        rounds += 1;
        return size <= most ? "passed" : "lost";
      });
      expect(largest).toBe(most);
      expect(rounds).toBeLessThanOrEqual(3 * 31);
    }),
  );
});

test("what contradicts itself is not told", async () => {
  const odd = await largestPassing(500, 1448, async (size) =>
    size % 2 === 0 ? "lost" : "passed",
  );
  expect(odd).toBeUndefined();
  const ends = await largestPassing(500, 1448, async () => "unknown");
  expect(ends).toBeUndefined();
});

test.skipIf(process.platform !== "linux").each([true, false])(
  "a path without a hole is fine, cooperating: %p",
  async (cooperate) => {
    await using server = await startServer({
      addresses: ["127.0.0.1:0"],
      cooperate,
    });
    const { status } = await found(mtuCheck, server.addresses[0]!);
    expect(status).toBe("fine");
  },
);

for (const toward of ["server", "client"] as const) {
  for (const flags of [[], ["--cooperate"]]) {
    const name = `a hole above 1,400 bytes toward the ${toward} is found, ${flags[0] ?? "alone"}`;
    test.skipIf(noNetns)(name, async () => {
      await using network = await Network.make(holeAbove(1400, toward));
      await using _server = await network.serve(
        "server",
        "--reply",
        "raw",
        ...flags,
        "[::]:7",
      );
      const only = ["--only", "mtu", "--json", "-"];
      const { stdout, stderr } = await run(
        network.client("check", `${network.server}:7`, ...only),
      );
      if (stdout === "") throw new Error(stderr);
      const [{ status, value, rating, text }] = JSON.parse(stdout).checks;
      expect({ status, value, rating }).toEqual({
        status: "1400",
        value: 1400,
        rating: "harmful",
      });
      expect(text).toContain(`toward the ${toward}`);
    });
  }
}

test.skipIf(noNetns)("a path that tells of its MTU has no hole", async () => {
  await using network = await Network.make("ip link set server mtu 1400");
  await using _server = await network.serve("server", "[::]:7");
  const only = ["--only", "mtu", "--json", "-"];
  const { stdout } = await run(
    network.client("check", `${network.server}:7`, ...only),
  );
  const [{ status, value, text }] = JSON.parse(stdout).checks;
  expect({ status, value }).toEqual({ status: "fine", value: 1400 });
  expect(text).toContain("packets of 1,500 are too large");
});

test.skipIf(process.platform !== "linux").each([true, false])(
  "what is held back after so many bytes is no hole, cooperating: %p",
  async (cooperate) => {
    await using server = await startServer({
      addresses: ["127.0.0.1:0"],
      cooperate,
    });
    const [target] = server.addresses;
    const faults = ["freeze 2s after 3000 toward client"];
    await using proxy = await startProxy({ target: target!, faults });
    const { status } = await found(mtuCheck, proxy.addresses[0]!);
    expect(status).toBe("unknown");
  },
);

test.skipIf(process.platform !== "linux")(
  "on loopback, whose segments are larger, too",
  async () => {
    await using server = await startServer({
      addresses: ["127.0.0.1:0"],
      reply: "raw",
      cooperate: true,
    });
    const [target] = server.addresses;
    const faults = ["pass-max 1400 toward client"];
    await using proxy = await startProxy({ target: target!, faults });
    const { status, rating } = await found(mtuCheck, proxy.addresses[0]!);
    // 1,400 bytes of TCP, and the headers of IPv4 and TCP with timestamps.
    expect({ status, rating }).toEqual({ status: "1452", rating: "harmful" });
  },
);
