import { describe, expect, test } from "bun:test";

import { connect } from "../../src/client/connect.ts";
import type { Connection } from "../../src/client/connection.ts";
import { isAlive } from "../support/alive.ts";
import { noProc } from "../support/child.ts";
import { expectEcho } from "../support/expect-echo.ts";
import { until } from "../support/until.ts";
import { both, crew } from "../support/workers.ts";

type Server = Awaited<ReturnType<typeof crew>>;

/** Has the first worker hang, with connections, until the server says so. */
async function hang(server: Server, stack: AsyncDisposableStack) {
  const [ones, twos] = await both(server, stack);
  const [first] = server.workers();
  // Its last word before that tells of its connections.
  const open = ones.length + twos.length;
  while ((await server.metric("sounder_connections_open")) < open);
  process.kill(first!, "SIGSTOP");
  await server.says(/worker 1 does not answer/);
  return { pid: first!, ones, twos };
}

async function readiness({ admin }: Server): Promise<number> {
  return (await fetch(`${admin}/readyz`)).status;
}

describe.skipIf(noProc)("a worker that hangs", () => {
  test("is not counted as alive, nor waited for, until it goes on", async () => {
    await using server = await crew();
    await using stack = new AsyncDisposableStack();
    const { pid, ones, twos } = await hang(server, stack);
    const since = performance.now();
    for (let round = 0; round < 5; round += 1) {
      expect(await server.metric("sounder_workers_alive")).toBe(1);
      const open = await server.metric("sounder_connections_open");
      expect(open).toBe(ones.length + twos.length);
    }
    expect(performance.now() - since).toBeLessThan(2000);
    expect(await readiness(server)).toBe(200);

    process.kill(pid, "SIGCONT");
    await server.says(/worker 1 serves again/);
    expect(await server.metric("sounder_workers_alive")).toBe(2);
    for (const one of ones) await expectEcho(one, "still here");
  }, 30_000);

  test("does not hold up a stop, and its connections count", async () => {
    await using server = await crew("--drain-timeout=200ms");
    await using stack = new AsyncDisposableStack();
    const { pid, ones, twos } = await hang(server, stack);
    const open = ones.length + twos.length;
    const since = performance.now();
    server.child.kill("SIGTERM");
    expect(await server.ended()).toBe(0);
    expect(performance.now() - since).toBeLessThan(5000);
    expect(server.said).toEndWith(`Stopped; ${open} had to be reset.\n`);
    expect(isAlive(pid)).toBe(false);
  }, 30_000);

  test("does not hold up a second signal", async () => {
    await using server = await crew("--drain-timeout=1h");
    await using stack = new AsyncDisposableStack();
    await hang(server, stack);
    server.child.kill("SIGTERM");
    await server.says(/Stopping/);
    await until(() => {
      server.child.kill("SIGTERM");
      return server.child.exitCode !== null;
    }, "it stops");
    expect(await server.ended()).toBe(0);
  }, 30_000);
});

/** Takes a server's port once nobody has it any more. */
async function takePort(address: string) {
  const hostname = "127.0.0.1";
  const port = Number(address.split(":")[1]);
  for (;;) {
    try {
      return Bun.listen({ hostname, port, socket: { data() {} } });
    } catch {
      await Bun.sleep(1);
    }
  }
}

test.skipIf(noProc)(
  "workers that can't serve again say why, and nobody is ready",
  async () => {
    await using server = await crew();
    const { address } = server;
    expect(await readiness(server)).toBe(200);
    for (const pid of server.workers()) process.kill(pid, "SIGKILL");
    {
      using _taken = await takePort(address);
      await server.says(
        /worker 1: cannot listen on \S+: the address is in use \(EADDRINUSE\);/,
      );
      expect(await readiness(server)).toBe(503);
      expect(await server.metric("sounder_ready")).toBe(0);
    }
    await server.says(/worker [12] serves again/);
    expect(await readiness(server)).toBe(200);
    await using connection = await connect(address);
    await expectEcho(connection, "hello");
  },
  30_000,
);

describe.skipIf(noProc)("workers whose parent is killed", () => {
  async function orphans(
    stack: AsyncDisposableStack,
    drainTimeout: string,
  ): Promise<{ pids: number[]; connections: Connection[] }> {
    const server = stack.use(await crew(`--drain-timeout=${drainTimeout}`));
    const [ones, twos] = await both(server, stack);
    const pids = server.workers();
    server.child.kill("SIGKILL");
    await server.child.exited;
    return { pids, connections: [...ones, ...twos] };
  }

  test("serve their connections to the end", async () => {
    await using stack = new AsyncDisposableStack();
    const { pids, connections } = await orphans(stack, "1m");
    for (const one of connections) await expectEcho(one, "still here");
    for (const one of connections) one.finish();
    for (const one of connections) expect(await one.read()).toBeUndefined();
    await until(() => !pids.some(isAlive), "the workers are gone");
  }, 30_000);

  test("reset what is left after the drain timeout", async () => {
    await using stack = new AsyncDisposableStack();
    const { pids, connections } = await orphans(stack, "100ms");
    for (const one of connections) {
      await expect(one.read()).rejects.toMatchObject({ code: "ECONNRESET" });
    }
    await until(() => !pids.some(isAlive), "the workers are gone");
  }, 30_000);

  test("stop at once when they are told", async () => {
    await using stack = new AsyncDisposableStack();
    const { pids } = await orphans(stack, "1h");
    await until(() => {
      for (const pid of pids.filter(isAlive)) process.kill(pid, "SIGTERM");
      return !pids.some(isAlive);
    }, "the workers are gone");
  }, 30_000);
});
