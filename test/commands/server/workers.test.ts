import { describe, expect, test } from "bun:test";

import { connect } from "../../../src/client/connect.ts";
import type { Snapshot } from "../../../src/status/snapshot.ts";
import { isAlive } from "../../support/alive.ts";
import { Program, run, sounder } from "../../support/cli.ts";
import { expectEcho } from "../../support/expect-echo.ts";
import { freePort } from "../../support/free-port.ts";
import { listening } from "../../support/listening.ts";
import { noProc } from "../../support/child.ts";
import { until } from "../../support/until.ts";
import { ServerEvents } from "../../support/server-events.ts";
import { both, cluster } from "../../support/workers.ts";

/** Whether one more connection is let in. */
async function answers(
  address: string,
  stack: AsyncDisposableStack,
): Promise<boolean> {
  try {
    await expectEcho(stack.use(await connect(address)), "hello");
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: "ECONNRESET" });
    return false;
  }
}

describe.skipIf(noProc)("sounder server --workers", () => {
  test("spreads connections, and adds up what its workers count", async () => {
    await using server = await cluster();
    await using stack = new AsyncDisposableStack();
    const [ones, twos] = await both(server, stack);
    const count = ones.length + twos.length;
    expect(await server.metric("sounder_connections_open")).toBe(count);
    expect(await server.metric("sounder_connections_total")).toBe(count);
    expect(await server.metric("sounder_received_bytes_total")).toBe(5 * count);
  });

  test("keeps what there was each second, of all of them", async () => {
    await using server = await cluster();
    await using stack = new AsyncDisposableStack();
    const [ones, twos] = await both(server, stack);
    const open = ones.length + twos.length;
    type Sample = [at: number, bytesIn: number, bytesOut: number, open: number];
    let last: Sample | undefined;
    while (last?.[3] !== open) {
      const history = await fetch(`${server.admin}/history`);
      last = ((await history.json()) as Sample[]).at(-1);
    }
    expect(last.slice(1)).toEqual([5 * open, 5 * open, open, 0]);
    const page = await fetch(`${server.admin}/events?sort=-worker`);
    const { data } = await new ServerEvents(page.body!).next();
    const { peers, limits } = data as Snapshot;
    const workers = [...twos.map(() => 2), ...ones.map(() => 1)];
    expect(peers.map(({ worker }) => worker)).toEqual(workers);
    expect(limits.pending).toBe(256 * 2 ** 20);
    expect(limits.connections).toBeGreaterThan(0);
    expect(await server.metric("sounder_connections_limit")).toBe(
      limits.connections!,
    );
  }, 30_000);

  test("loses one's connections with it, and nothing else", async () => {
    await using server = await cluster();
    await using stack = new AsyncDisposableStack();
    const [ones, twos] = await both(server, stack);
    const total = await server.metric("sounder_connections_total");
    // In the order of their numbers, as long as none was started again.
    const [first, second] = server.workers();
    process.kill(first!, "SIGKILL");
    const died = /worker (\d): .* signal SIGKILL .*; started again in 100 ms/;
    expect((await server.says(died))[1]).toBe("1");
    // The kernel closes them: there is no answer left to wait for.
    for (const one of ones) await one.read().catch(() => {});
    for (const two of twos) await expectEcho(two, "still here");
    await until(() => server.workers().length === 2, "it is started again");
    expect(server.workers()).toContain(second!);

    // What was counted is not forgotten: Prometheus' counters only rise.
    expect(
      await server.metric("sounder_connections_total"),
    ).toBeGreaterThanOrEqual(total);
    await both(server, stack);
    expect(await server.metric("sounder_worker_restarts_total")).toBe(1);
  }, 30_000);

  test("backs off from a worker that keeps dying", async () => {
    await using server = await cluster();
    const waits: number[] = [];
    for (const expected of [100, 200, 400]) {
      await until(() => server.workers().length === 2, "both are there");
      const [, last] = server.workers();
      process.kill(last!, "SIGKILL");
      await server.says(new RegExp(`started again in ${expected} ms`));
      waits.push(expected);
    }
    const told = [...server.said.matchAll(/again in (\d+) ms/g)];
    expect(told.map(([, wait]) => Number(wait))).toEqual(waits);
  }, 30_000);

  test("leaves no orphan when its parent is killed", async () => {
    await using server = await cluster();
    const workers = server.workers();
    expect(workers).toHaveLength(2);
    server.child.kill("SIGKILL");
    await until(() => !workers.some(isAlive), "the workers are gone");
  });

  test("drains through the parent, with nothing lost", async () => {
    await using server = await cluster();
    await using stack = new AsyncDisposableStack();
    const [ones, twos] = await both(server, stack);
    const [one, two] = [ones[0]!, twos[0]!];
    server.child.kill("SIGTERM");
    await server.says(/Stopping/);
    // Each is served on, until it is done.
    await expectEcho(one, "one more");
    await expectEcho(two, "one more");
    for (const connection of [...ones, ...twos]) connection.finish();
    expect(await server.ended()).toBe(0);
    expect(server.said).toEndWith("Stopped.\n");
  }, 30_000);

  test("stops at once when it is told twice", async () => {
    await using server = await cluster("--drain-timeout=1m");
    await using stack = new AsyncDisposableStack();
    const [ones, twos] = await both(server, stack);
    const open = ones.length + twos.length;
    server.child.kill("SIGTERM");
    await server.says(/Stopping/);
    // Two signals in so short a time are one.
    await Bun.sleep(300);
    server.child.kill("SIGTERM");
    expect(await server.ended()).toBe(0);
    expect(server.said).toEndWith(`Stopped; ${open} had to be reset.\n`);
  }, 30_000);

  test("shares its limits among them", async () => {
    await using server = await cluster("--max-connections=3");
    await using stack = new AsyncDisposableStack();
    // Two and one: which a connection comes to is the kernel's choice.
    for (let inside = 0, over = 0; inside < 3 || over < 8;) {
      const served = await answers(server.address, stack);
      if (served) inside += 1;
      else over += 1;
      expect(await server.metric("sounder_connections_open")).toBe(inside);
      expect(await server.metric("sounder_connections_rejected_total")).toBe(
        over,
      );
    }
  }, 30_000);

  test("does not creep in on a port that is taken", async () => {
    await using first = await listening("--workers=2");
    for (const workers of ["1", "2"]) {
      expect(
        await run(sounder("server", first.address, "--workers", workers)),
      ).toEqual({
        status: 1,
        stdout: "",
        stderr:
          `sounder: cannot listen on ${first.address}: ` +
          "the address is in use (EADDRINUSE)\n",
      });
    }
  });

  test("does not share a port with another that starts just then", async () => {
    for (let round = 0; round < 3; round += 1) {
      const address = `127.0.0.1:${freePort()}`;
      const places = [address, address, `:${address.split(":")[1]}`];
      await using stack = new AsyncDisposableStack();
      const starts = places.map((place) =>
        stack.use(new Program(sounder("server", place, "--workers=2"))),
      );
      const told = await Promise.all(
        starts.map(async (one) => (await one.says(/Listening|\(E\w+\)/))[0]),
      );
      expect(told.toSorted()).toEqual([
        "(EADDRINUSE)",
        "(EADDRINUSE)",
        "Listening",
      ]);
    }
  }, 60_000);

  test("goes on under load while one of them dies", async () => {
    await using server = await cluster();
    await using load = new Program(
      sounder(
        "load",
        server.address,
        "--connections=16",
        "--duration=3s",
        "--warmup=0s",
        "--json=-",
      ),
    );
    const of = (worker: RegExp) =>
      [...server.said.matchAll(/#([12])\.\d+ .* connected/g)].filter(
        ([, number]) => worker.test(number!),
      ).length;
    // Two ask first what the server answers, and whether it cooperates.
    await until(() => of(/./) === 18, "the load has begun");
    const ones = of(/1/);
    process.kill(server.workers()[0]!, "SIGKILL");
    const result = JSON.parse(await load.child.stdout.text());
    await load.ended();
    expect(result.bytes.mismatched).toBe(0);
    expect(result.connections.lost).toBeGreaterThan(0);
    expect(result.connections.lost).toBeLessThanOrEqual(ones);
    expect(result.messages.received).toBeGreaterThan(0);
  }, 30_000);
});
