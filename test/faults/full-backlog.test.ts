import { describe, expect, test } from "bun:test";
import { join } from "node:path";

import { fullBacklog } from "../../src/faults/full-backlog.ts";
import { run } from "../support/cli.ts";
import { noPython, peer } from "../support/python.ts";

const FILE = join(import.meta.dir, "../../src/faults/full-backlog.ts");
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

  test("it says why it can't listen", () => {
    const taken = Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      socket: { data() {} },
    });
    const where = { address: "127.0.0.1", port: taken.port };
    expect(() => fullBacklog(where)).toThrow(
      `cannot listen on 127.0.0.1:${taken.port}: the address is in use (EADDRINUSE)`,
    );
    expect(() => fullBacklog({ address: "here", port: 0 })).toThrow("EADDRESS");
    taken.stop();
  });

  test("every descriptor is given back, whether it listened or not", async () => {
    // In a process of its own: no other test's sockets close meanwhile.
    const script = `
      import { fullBacklog } from ${JSON.stringify(FILE)};
      import { readdirSync } from "node:fs";
      const open = () => readdirSync("/proc/self/fd").length;
      const first = fullBacklog({ address: "127.0.0.1", port: 0 });
      const during = open();
      try { fullBacklog(first); } catch {}
      console.log(open() - during);
      first.stop();
      first.stop();
      console.log(open() < during);
      const before = open();
      fullBacklog({ address: "127.0.0.1", port: 0 }).stop();
      console.log(open() - before);`;
    const { stdout } = await run([process.execPath, "-e", script]);
    expect(stdout).toBe("0\ntrue\n0\n");
  });
});
