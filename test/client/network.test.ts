import { describe, expect, test } from "bun:test";

import { run } from "../support/cli.ts";
import {
  beforeSilence,
  noLoopback,
  noNetem,
  noSilence,
  overPath,
  withoutRoutes,
} from "../support/network.ts";

describe.skipIf(noSilence)("a path that swallows everything", () => {
  test.each(["client", "load"])("has sounder %s give up", async (command) => {
    const since = performance.now();
    const { status, stderr } = await run(
      beforeSilence(command, "192.0.2.2:7", "--connect-timeout=300ms"),
    );
    expect(status).toBe(1);
    expect(stderr).toContain(
      "192.0.2.2:7: no answer within 300 ms (ETIMEDOUT)\n",
    );
    expect(performance.now() - since).toBeLessThan(10_000);
  });
});

describe.skipIf(noLoopback)("where no route leads there", () => {
  test.each([
    ["client", "192.0.2.2:7"],
    ["client", "[2001:db8::2]:7"],
    ["load", "192.0.2.2:7"],
  ])("sounder %s %s says so", async (command, address) => {
    expect(await run(withoutRoutes(command, address))).toEqual({
      status: 1,
      stdout: "",
      stderr:
        `sounder: cannot connect to ${address}: ` +
        "no route to the network (ENETUNREACH)\n",
    });
  });

  test("what is refused is not blamed on the way", async () => {
    const { stderr } = await run(withoutRoutes("client", "127.0.0.1:7"));
    expect(stderr).toEndWith("(ECONNREFUSED)\n");
  });
});

describe.skipIf(noNetem)("a path that delays and loses", () => {
  const bytes = Buffer.alloc(200_000, "sounder");
  const patient = ["--connect-timeout=20s", "--retry-for=20s", "--verify"];

  test("changes no byte", async () => {
    const path = overPath("delay 20ms 10ms loss 5%", ...patient);
    expect(await run(path, bytes)).toMatchObject({ status: 0 });
  }, 60_000);

  test("is too slow for who has no time", async () => {
    const path = overPath("delay 2s", "--connect-timeout=300ms");
    const { status, stderr } = await run(path, "hello");
    expect(status).toBe(1);
    expect(stderr).toContain("(ETIMEDOUT)\n");
  }, 60_000);
});
