import { describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";

import { fullBacklog } from "../../src/faults/full-backlog.ts";
import { run } from "../support/cli.ts";
import { noPython, peer } from "../support/python.ts";

const isLinux = process.platform === "linux";

function connects(host: string, port: number, count: number) {
  return run(peer("connects", host, `${port}`, `${count}`, "0.4"));
}

describe.skipIf(noPython || !isLinux)("fullBacklog()", () => {
  test.each([
    ["127.0.0.1", "127.0.0.1"],
    ["::1", "::1"],
    ["0.0.0.0", "127.0.0.1"],
    ["::", "127.0.0.1"],
  ])(
    "on %s every connect to %s hangs, and is refused after",
    async (at, to) => {
      const backlog = fullBacklog({ address: at, port: 0 });
      const during = await connects(to, backlog.port, 3);
      expect(during.stdout).toBe("timeout\n".repeat(3));
      backlog.stop();
      const after = await connects(to, backlog.port, 1);
      expect(after.stdout).toBe("ECONNREFUSED\n");
    },
  );

  test("it says why it can't listen, and leaves nothing open", () => {
    const taken = Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      socket: { data() {} },
    });
    const before = readdirSync("/proc/self/fd").length;
    const where = { address: "127.0.0.1", port: taken.port };
    expect(() => fullBacklog(where)).toThrow(
      `cannot listen on 127.0.0.1:${taken.port}: the address is in use (EADDRINUSE)`,
    );
    expect(() => fullBacklog({ address: "here", port: 0 })).toThrow("EADDRESS");
    expect(readdirSync("/proc/self/fd").length).toBe(before);
    taken.stop();
  });

  test("its own address and port are told, and every descriptor given back", () => {
    const before = readdirSync("/proc/self/fd").length;
    const backlog = fullBacklog({ address: "127.0.0.1", port: 0 });
    expect(backlog.address).toBe("127.0.0.1");
    expect(backlog.port).toBeGreaterThan(0);
    backlog.stop();
    backlog.stop();
    expect(readdirSync("/proc/self/fd").length).toBe(before);
  });
});
