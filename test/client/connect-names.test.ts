import { expect, spyOn, test } from "bun:test";
import dns from "node:dns/promises";

import { connect } from "../../src/client/connect.ts";
import { Program } from "../support/cli.ts";
import { echo } from "../support/echo.ts";
import { expectEcho } from "../support/expect-echo.ts";
import { portOf, resolvingTo } from "../support/names.ts";
import { noPython, peer } from "../support/python.ts";

test("connect() makes one connection when the first address answers", async () => {
  await using server = await echo("raw", "[::]:0");
  using _names = resolvingTo("127.0.0.1", "::1");
  await using connection = await connect(`many:${portOf(server.address)}`);
  await expectEcho(connection, "hello");
  expect(connection.target).toStartWith("127.0.0.1:");
  expect(server.tally.connections.total).toBe(1);
});

test("connect() goes on to the next address when one is refused", async () => {
  await using server = await echo("raw", "[::1]:0");
  using _names = resolvingTo("127.0.0.1", "127.0.0.2", "::1");
  await using connection = await connect(`many:${portOf(server.address)}`);
  expect(connection.target).toBe(server.address);
  expect(server.tally.connections.total).toBe(1);
});

test("connect() names the name when every address is refused", async () => {
  const gone = await echo();
  await gone.stop();
  const port = portOf(gone.address);
  using _names = resolvingTo("127.0.0.1", "127.0.0.2");
  await expect(connect(`many:${port}`)).rejects.toThrow(
    `cannot connect to many:${port}: nothing listens there`,
  );
});

test("connect() tells a name that is not known", async () => {
  using lookup = spyOn(dns, "lookup");
  lookup.mockRejectedValue(Object.assign(new Error(), { code: "ENOTFOUND" }));
  await expect(connect("nobody:1")).rejects.toMatchObject({
    code: "ENOTFOUND",
    message: "cannot connect to nobody:1: the name is not known (ENOTFOUND)",
  });
});

test("connect() gives up on a name server that is silent", async () => {
  using lookup = spyOn(dns, "lookup");
  lookup.mockReturnValue(new Promise(() => {}) as never);
  await expect(connect("slow:1", { timeout: 20 })).rejects.toMatchObject({
    code: "ETIMEDOUT",
  });
});

test("connect() takes a timeout longer than a timer can be", async () => {
  await using server = await echo();
  using lookup = spyOn(dns, "lookup");
  lookup.mockImplementation((async () => {
    await Bun.sleep(20);
    return [{ address: "127.0.0.1", family: 4 }];
  }) as never);
  const name = `slow:${portOf(server.address)}`;
  await using connection = await connect(name, { timeout: 2 ** 40 });
  await expectEcho(connection, "hello");
});

test.skipIf(noPython)(
  "connect() tries the next address beside a silent one",
  async () => {
    await using full = new Program(peer("full_backlog"));
    const [port] = await full.says(/\d+/);
    await using server = await echo("raw", `[::1]:${port}`);
    using _names = resolvingTo("127.0.0.1", "::1");
    await using connection = await connect(`many:${port}`);
    expect(connection.target).toBe(server.address);

    full.child.stdin.write("\n");
    await full.child.stdin.flush();
    await full.says(/ECONNRESET|FIN/);
    await expectEcho(connection, "hello");
  },
);
