import { describe, expect, test } from "bun:test";

import { connect } from "../../../src/client/connect.ts";
import type { Connection } from "../../../src/client/connection.ts";
import { isAlive } from "../../support/alive.ts";
import { noProc } from "../../support/child.ts";
import { expectEcho } from "../../support/expect-echo.ts";
import { run } from "../../support/cli.ts";
import { peerProgram } from "../../support/peer.ts";
import { descriptorsOf } from "../../support/process.ts";
import { until } from "../../support/until.ts";
import { both, cluster } from "../../support/workers.ts";

const prlimit = peerProgram("prlimit");

type Server = Awaited<ReturnType<typeof cluster>>;

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
  test("is killed, replaced and counted, with its connections", async () => {
    await using server = await cluster();
    await using stack = new AsyncDisposableStack();
    const { pid, ones, twos } = await hang(server, stack);
    expect(await server.metric("sounder_workers_alive")).toBe(1);
    expect(await readiness(server)).toBe(200);

    await server.says(
      /worker 1: it said nothing for 5 s, and was killed \(EWORKER\); started again/,
    );
    expect(isAlive(pid)).toBe(false);
    await server.says(/worker 1 serves again/);
    // The kernel closes them, as it sees fit.
    for (const one of ones) await one.read().catch(() => {});
    for (const two of twos) await expectEcho(two, "still here");
    expect(await server.metric("sounder_workers_alive")).toBe(2);
    expect(await server.metric("sounder_worker_restarts_total")).toBe(1);
    const count = (metric: string) => server.metric(metric);
    expect(await count("sounder_connections_open")).toBe(twos.length);
    expect(await count("sounder_connections_closed_total")).toBe(ones.length);
    await both(server, stack);
  }, 30_000);

  test("does not hold up a stop, and its connections count", async () => {
    await using server = await cluster("--drain-timeout=200ms");
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

  test("does not hold up a stop that comes before it is found out", async () => {
    await using server = await cluster("--drain-timeout=1h");
    await using stack = new AsyncDisposableStack();
    const [ones, twos] = await both(server, stack);
    const open = ones.length + twos.length;
    while ((await server.metric("sounder_connections_open")) < open);
    process.kill(server.workers()[0]!, "SIGSTOP");
    server.child.kill("SIGTERM");
    await server.says(/Stopping/);
    for (const two of twos) two.finish();
    expect(await server.ended()).toBe(0);
    expect(server.said).toEndWith(`Stopped; ${ones.length} had to be reset.\n`);
  }, 30_000);

  test("does not hold up a second signal", async () => {
    await using server = await cluster("--drain-timeout=1h");
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
    await using server = await cluster();
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

describe.skipIf(prlimit === undefined)("without a file left", () => {
  /** As if others had taken all but those that the parent has, and more. */
  async function starve({ child: { pid } }: Server): Promise<void> {
    const files = descriptorsOf(pid).length - 4;
    await run([prlimit!, `--pid=${pid}`, `--nofile=${files}:`]);
  }

  test("a worker that can't be started is tried again", async () => {
    await using server = await cluster();
    const { pid } = server.child;
    await starve(server);
    process.kill(server.workers()[0]!, "SIGKILL");
    await server.says(/worker 1: a worker process ended: signal SIGKILL/);
    await server.says(
      /worker 1: cannot start a worker process: .*EMFILE.*; started again in 400 ms/,
    );
    await run([prlimit!, `--pid=${pid}`, "--nofile=1024:"]);
    await server.says(/worker 1 serves again/);
    await using stack = new AsyncDisposableStack();
    await both(server, stack);
    expect(server.said).not.toMatch(/^\s+at /m);
  }, 30_000);

  test("a server with workers stops as it should", async () => {
    await using server = await cluster();
    await starve(server);
    server.child.kill("SIGTERM");
    expect(await server.ended()).toBe(0);
    expect(server.said).toEndWith("Stopped.\n");
  }, 30_000);
});

describe.skipIf(noProc)("workers whose parent is killed", () => {
  async function orphans(
    stack: AsyncDisposableStack,
    drainTimeout: string,
  ): Promise<{ pids: number[]; connections: Connection[] }> {
    const server = stack.use(await cluster(`--drain-timeout=${drainTimeout}`));
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
