import { expect } from "bun:test";

import { connect } from "../../src/client/connect.ts";
import type { Connection } from "../../src/client/connection.ts";
import { expectEcho } from "./expect-echo.ts";
import { listening } from "./listening.ts";
import { childrenOf } from "./process.ts";

/** Sums of the server's metrics, by name. */
export async function metric(admin: string, name: string): Promise<number> {
  const text = await (await fetch(`${admin}/metrics`)).text();
  const line = new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, "gm");
  const found = [...text.matchAll(line)];
  expect(found).not.toBeEmpty();
  return found.reduce((sum, [, value]) => sum + Number(value), 0);
}

/** A server of several processes, with admin pages. */
export async function cluster(...flags: string[]) {
  const server = await listening(
    "--reply=raw",
    "--workers=2",
    "--admin=127.0.0.1:0",
    ...flags,
  );
  const [, admin] = await server.says(/admin pages at (\S+)\//);
  const parent = server.child.pid;
  return Object.assign(server, {
    admin: admin!,
    workers: () => childrenOf(parent),
    metric: (name: string) => metric(admin!, name),
  });
}

/** Connections until each of the two workers has some, by worker. */
export async function both(
  server: Awaited<ReturnType<typeof cluster>>,
  stack: AsyncDisposableStack,
): Promise<[Connection[], Connection[]]> {
  const sorted: [Connection[], Connection[]] = [[], []];
  while (sorted[0].length === 0 || sorted[1].length === 0) {
    const told = server.said.length;
    const connection = stack.use(await connect(server.address));
    await expectEcho(connection, "hello");
    await server.says(new RegExp(`^[^]{${told}}[^]*#[12]\\.\\d+ .* connected`));
    const [, worker] = /#([12])\.\d+ /.exec(server.said.slice(told))!;
    sorted[Number(worker) - 1]!.push(connection);
  }
  return sorted;
}
