import { describe, expect, test } from "bun:test";

import { run } from "../support/cli.ts";
import { temporaryFolder } from "../support/folder.ts";
import { noPython, peer } from "../support/python.ts";
import { proxiedServer, proxying } from "../support/proxying.ts";
import { serving } from "../support/serving.ts";
import { until } from "../support/until.ts";

describe("a proxy's faults", () => {
  test("act on new connections, and on those that are open, from now on", async () => {
    await using it = await proxiedServer();
    await using open = await it.proxy.dial();
    open.send("12345");
    expect(String(await open.receive(5))).toBe("12345");
    it.proxy.faults = ["corrupt after 2", "reset after 5"];
    expect(it.proxy.faults).toEqual(["corrupt after 2", "reset after 5"]);
    await using fresh = await it.proxy.dial();
    for (const caller of [open, fresh]) {
      caller.send("1234567");
      const got = await caller.receive(5);
      expect(String(got.subarray(0, 2))).toBe("12");
      expect(got[2]! ^ 0x33).not.toBe(0);
      expect(String(got.subarray(3))).toBe("45");
      expect(await caller.closed()).toBe("RST");
    }
    expect(it.proxy.acted).toEqual([
      { id: 1, fault: "corrupt after 2", offset: 7 },
      { id: 1, fault: "reset after 5", offset: 10 },
      { id: 2, fault: "corrupt after 2", offset: 2 },
      { id: 2, fault: "reset after 5", offset: 5 },
    ]);
    await until(() => it.proxy.told.length === 2, "both are told");
    expect(it.proxy.told.map(({ cause }) => cause)).toEqual(["fault", "fault"]);
  });

  test("stay as they were where one of the new can't be", async () => {
    await using it = await proxiedServer({ faults: ["delay 1ms"] });
    for (const wrong of [
      ["delay 5ms", "boo"],
      ["rate 1", "rate 2"],
      ["tls-expired"],
      ["rate 0"],
    ]) {
      expect(() => (it.proxy.faults = wrong)).toThrow(/\(EOPTION\)$/);
      expect(it.proxy.setFaults(wrong)).rejects.toThrow(/\(EOPTION\)$/);
    }
    expect(it.proxy.faults).toEqual(["delay 1ms"]);
  });

  test("taken away, let all go on", async () => {
    await using it = await proxiedServer({ faults: ["stall after 3"] });
    await using caller = await it.proxy.dial();
    caller.send("hello");
    expect(String(await caller.receive(3))).toBe("hel");
    it.proxy.faults = [];
    caller.send(" again");
    caller.finish();
    expect(String(await caller.rest())).toBe("lo again");
    expect(await caller.closed()).toBe("FIN");
  });

  test("are on those connections that they are for, the same on each run", async () => {
    async function resets(seed: number): Promise<number[]> {
      await using it = await proxiedServer({
        faults: ["refuse on 50%"],
        seed,
      });
      for (let n = 0; n < 20; n++) {
        await using caller = await it.proxy.dial();
        caller.finish();
        await caller.closed();
      }
      return it.proxy.acted.map(({ id }) => id);
    }
    const first = await resets(1);
    expect(first.length).toBeGreaterThan(2);
    expect(first.length).toBeLessThan(18);
    expect(await resets(1)).toEqual(first);
    expect(await resets(2)).not.toEqual(first);
  });

  test("limit: no more at once", async () => {
    await using it = await proxiedServer({ faults: ["limit 1"] });
    await using one = await it.proxy.dial();
    one.send("1");
    await one.receive(1);
    await using two = await it.proxy.dial();
    expect(await two.closed()).toBe("RST");
    one.finish();
    await one.closed();
    await until(() => it.proxy.tally.connections.open === 0, "it is over");
    await using three = await it.proxy.dial();
    three.send("3");
    expect(String(await three.receive(1))).toBe("3");
  });

  test("are told even if the hook throws", async () => {
    const errors: unknown[] = [];
    await using it = await proxiedServer({
      faults: ["corrupt"],
      onFault() {
        throw new Error("mine");
      },
      onError: (error) => void errors.push(error),
    });
    await using caller = await it.proxy.dial();
    caller.send("a");
    await caller.receive(1);
    expect(String(errors)).toBe("Error: mine");
  });

  test.skipIf(noPython || process.platform !== "linux")(
    "backlog-full: connects hang, until it is taken away",
    async () => {
      await using it = await proxiedServer({ faults: ["backlog-full"] });
      const port = String(it.proxy.port);
      const connects = () =>
        run(peer("connects", "127.0.0.1", port, "1", "0.4"));
      expect((await connects()).stdout).toBe("timeout\n");
      await it.proxy.setFaults([]);
      expect(String(it.proxy.port)).toBe(port);
      await using caller = await it.proxy.dial();
      caller.send("hi");
      expect(String(await caller.receive(2))).toBe("hi");
      await it.proxy.setFaults(["backlog-full"]);
      expect((await connects()).stdout).toBe("timeout\n");
      caller.send("!!");
      expect(String(await caller.receive(2))).toBe("!!");
    },
  );
});

test("a hook that throws costs its own connection, and is told", async () => {
  const errors: unknown[] = [];
  await using it = await proxiedServer({
    onConnect({ id }) {
      if (id === 1) throw new Error("mine");
    },
    onError: (error) => void errors.push(error),
  });
  await using one = await it.proxy.dial();
  expect(await one.closed()).toBe("RST");
  await using two = await it.proxy.dial();
  two.send("2");
  expect(String(await two.receive(1))).toBe("2");
  expect(String(errors)).toBe("Error: mine");
  expect(it.proxy.tally.closed.error).toBe(1);
});

test.skipIf(noPython)("a truncated TLS stream stays one", async () => {
  // It begins TLS anew before a server that ends it without its end.
  await using server = await serving();
  await using cut = await proxying({
    listen: "tls://127.0.0.1:0",
    target: server.endpoint,
    faults: ["finish after 6", "tls-truncate"],
  });
  await using proxy = await proxying({
    listen: "tls://127.0.0.1:0",
    target: cut.endpoint,
    targetTls: { insecure: true },
  });
  const { stdout } = await run(peer("tls_ends", String(proxy.port), "1"));
  expect(stdout).toBe("hello\ntruncated\n");
  await until(() => proxy.told.length === 1, "it is told");
  expect(proxy.told[0]!.cause).toBe("truncated");
});

describe.skipIf(noPython)("a proxy's faults of TLS", () => {
  test.each([
    [["tls-expired"], /^certificate has expired$/],
    [["tls-wrong-host"], /^Hostname mismatch/],
    [["tls-self-signed on first 1"], /^good$/],
    [["tls-expired on every 2nd"], /self-signed|self signed/],
  ])("%j is all that is wrong", async (faults, verdict) => {
    await using it = await proxiedServer({
      listen: "tls://127.0.0.1:0",
      faults,
    });
    await using folder = await temporaryFolder();
    const ca = folder.path("ca.pem");
    await Bun.write(ca, it.proxy.faultAuthorities);
    const args = [String(it.proxy.port), "localhost", ca];
    const { stdout } = await run(peer("tls_verdict", ...args));
    expect(stdout.trim()).toMatch(verdict);
    const isOnFirst = !faults[0]!.includes("every 2nd");
    expect(it.proxy.acted.map(({ fault }) => fault)).toEqual(
      isOnFirst ? faults : [],
    );
  });

  test.each([
    [[], "hello\nclean\n"],
    [["tls-truncate"], "hello\ntruncated\n"],
    [["tls-stall"], "no handshake\n"],
  ])("%j ends as %j", async (faults, expected) => {
    await using server = await serving();
    await using proxy = await proxying({
      listen: "tls://127.0.0.1:0",
      target: server.endpoint,
      // The peer waits for the answer's end, and does not finish.
      faults:
        faults[0] === "tls-stall" ? faults : ["finish after 6", ...faults],
    });
    const { stdout, stderr } = await run(
      peer("tls_ends", String(proxy.port), "1"),
    );
    expect(stderr).toBe("");
    expect(stdout).toBe(expected);
    const acted = proxy.acted.map(({ fault }) => fault);
    expect(acted).toEqual(expect.arrayContaining(faults));
  });
});
