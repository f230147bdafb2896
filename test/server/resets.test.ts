import { describe, expect, test } from "bun:test";

import { ChildServer, noProc } from "../support/child.ts";
import { Program } from "../support/cli.ts";
import { noPython, peer } from "../support/python.ts";
import { type Serving, serving } from "../support/serving.ts";
import { until } from "../support/until.ts";

const PEERS = 100;

/** Runs a script about a `socket` while this process stands still. */
function behindItsBack({ endpoint }: Serving, script: string): void {
  const { port } = endpoint as { port: number };
  const dial = `const socket = await Bun.connect({
    hostname: "127.0.0.1", port: ${port}, socket: { data() {} },
  });`;
  Bun.spawnSync([process.execPath, "-e", `${dial} ${script}`]);
}

function tell({ child }: Program, command: string): void {
  child.stdin.write(`${command}\n`);
  child.stdin.flush();
}

describe("a reset", () => {
  const skip = noProc || noPython;

  test.skipIf(skip).each(["reset", "killed"])(
    "a reset is told of each of 100 stalled peers that are %s",
    async (how) => {
      await using server = await ChildServer.start({ reply: "raw" });
      const before = server.descriptors;
      const { port } = server.endpoint as { port: number };
      const start = () =>
        new Program(peer("stallers", `${port}`, `${PEERS / 2}`));
      await using open = start();
      await using halfClosed = start();
      await open.says(/stalled/);
      await halfClosed.says(/stalled/);
      tell(halfClosed, "finish");
      await halfClosed.says(/did finish/);
      await server.idle();
      const { connections, bytes } = await server.tally();
      expect(connections).toMatchObject({ open: PEERS, total: PEERS });
      expect(bytes.in).toBeGreaterThan(bytes.out);

      for (const program of [open, halfClosed]) {
        if (how === "reset") tell(program, "reset");
        else program.child.kill("SIGKILL");
      }
      let tally = await server.tally();
      while (tally.connections.open > 0) tally = await server.tally();
      expect(tally.closed).toMatchObject({
        FIN: 0,
        RST: PEERS,
        stop: 0,
        error: 0,
      });
      expect(tally.bytes.out).toBe(bytes.out);
      expect(tally.bytes.dropped).toBe(tally.bytes.in - tally.bytes.out);
      await until(() => server.descriptors === before, "the descriptors");
      await server.idle();
    },
    30_000,
  );

  test.skipIf(skip)(
    "a reset of stalled peers leaves none of their bytes in memory",
    async () => {
      const maxPending = 64 * 2 ** 20;
      await using server = await ChildServer.start({
        reply: "raw",
        maxPending,
      });
      const { port } = server.endpoint as { port: number };
      const before = server.peakMemory;
      for (let round = 1; round <= 4; round += 1) {
        await using peers = new Program(
          peer("stallers", `${port}`, `${PEERS}`),
        );
        await peers.says(/stalled/);
        tell(peers, "reset");
        let tally = await server.tally();
        while (
          tally.connections.total < round * PEERS ||
          tally.connections.open > 0
        ) {
          tally = await server.tally();
        }
        const { bytes } = tally;
        expect(bytes.dropped).toBe(bytes.in - bytes.out);
      }
      // What code and heap grow by is beside it.
      expect(server.peakMemory - before).toBeLessThan(2 * maxPending);
    },
    60_000,
  );

  test.each(["raw", "stamp"] as const)(
    "a reset that a write meets first is told as one (%s)",
    async (reply) => {
      await using server = await serving({ reply });
      behindItsBack(server, "socket.write('hello'); socket.terminate();");
      await until(() => server.told.length > 0, "the end");
      const { bytesIn, bytesOut, dropped, cause } = server.told[0]!;
      expect(cause).toBe("RST");
      expect(bytesOut).toBe(0);
      expect(dropped).toBe(bytesIn === 0 ? 0 : reply === "raw" ? 5 : 32);
    },
  );

  test("a reset before the peer was accepted leaves it a name of its own", async () => {
    await using server = await serving();
    behindItsBack(server, "socket.terminate();");
    await until(() => server.told.length > 0, "the end");
    expect(server.told).toMatchObject([
      { id: 1, peer: "vanished peer 1", bytesIn: 0, cause: "RST" },
    ]);
  });

  test("a reset of one connection leaves the others alone", async () => {
    await using server = await serving();
    await using one = await server.dial();
    await using two = await server.dial();
    one.send("hello");
    await one.receive(5);
    one.reset();
    await until(() => server.told.length > 0, "the end");
    two.send("hello");
    expect(String(await two.receive(5))).toBe("hello");
    expect(server.told).toMatchObject([{ id: 1, cause: "RST", dropped: 0 }]);
  });
});
