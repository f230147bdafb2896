import { expect, spyOn, test } from "bun:test";

import { connect } from "../../src/client/connect.ts";
import { Tracer } from "../../src/socket/trace/tracer.ts";
import { Program } from "../support/cli.ts";
import { echo } from "../support/echo.ts";
import { expectEcho } from "../support/expect-echo.ts";
import { temporaryFolder } from "../support/folder.ts";
import { until } from "../support/until.ts";
import { swallows } from "../villains/mutes.ts";
import { noPython, peer } from "../support/python.ts";

test.each(["127.0.0.1:0", "[::1]:0", "[::]:0"])(
  "connect() reaches a server on %s",
  async (listen) => {
    await using server = await echo("raw", listen);
    const address = server.address.replace("[::]", "127.0.0.1");
    await using connection = await connect(address);
    await expectEcho(connection, "hello");
    expect(connection.target).toBe(address);
  },
);

test("connect() reaches a server on a Unix socket", async () => {
  await using folder = await temporaryFolder();
  const path = folder.path("echo.sock");
  await using _server = await echo("raw", `unix:${path}`);
  await using connection = await connect({ kind: "unix", path });
  await expectEcho(connection, "hello");
});

test("connect() goes to localhost, port 21567, when told nothing", async () => {
  using dial = spyOn(Bun, "connect").mockRejectedValue(new Error());
  await expect(connect()).rejects.toThrow("localhost:21567");
  const [[{ port }]] = dial.mock.calls as unknown as [[{ port: number }]];
  expect(port).toBe(21567);
});

test("connect() tells the address, the reason and its code", async () => {
  await using folder = await temporaryFolder();
  const path = folder.path("nobody.sock");
  await expect(connect(`unix:${path}`)).rejects.toMatchObject({
    name: "SounderError",
    code: "ENOENT",
    message: `cannot connect to unix:${path}: no such file (ENOENT)`,
  });

  const gone = await echo();
  await gone.stop();
  await expect(connect(gone.address)).rejects.toMatchObject({
    code: "ECONNREFUSED",
    message:
      `cannot connect to ${gone.address}: ` +
      "nothing listens there, or no route leads there (ECONNREFUSED)",
  });

  await expect(connect("http://127.0.0.1")).rejects.toMatchObject({
    code: "EADDRESS",
  });
});

test("connect() closes what it gives up, though its handshake goes on", async () => {
  await using server = await swallows();
  await expect(
    connect(`tls://${server.address}`, { timeout: 100 }),
  ).rejects.toMatchObject({ code: "ETIMEDOUT" });
  await until(() => server.sockets.length === 1, "it was accepted");
  await until(() => server.sockets[0]!.closed, "it is closed");
});

test("connect() tries again for as long as retryFor", async () => {
  await using folder = await temporaryFolder();
  const address = `unix:${folder.path("late.sock")}`;
  const refused = Promise.withResolvers<void>();
  const trace = new Tracer("client", (line) => {
    if (line.includes("failed")) refused.resolve();
  });
  const connecting = connect(address, { retryFor: 60_000, trace });
  await refused.promise;
  await using _server = await echo("raw", address);
  await using connection = await connecting;
  await expectEcho(connection, "hello");
});

test("connect() gives up when retryFor is over", async () => {
  await using folder = await temporaryFolder();
  let failures = 0;
  const trace = new Tracer("client", (line) => {
    if (line.includes("failed")) failures += 1;
  });
  const connecting = connect(`unix:${folder.path("never.sock")}`, {
    retryFor: 300,
    trace,
  });
  await expect(connecting).rejects.toMatchObject({ code: "ENOENT" });
  expect(failures).toBeGreaterThan(1);
});

test.skipIf(noPython)(
  "connect() gives up after timeout, and closes what opens late",
  async () => {
    await using full = new Program(peer("full_backlog"));
    const [port] = await full.says(/\d+/);
    await expect(connect(port, { timeout: 100 })).rejects.toMatchObject({
      code: "ETIMEDOUT",
      message: `cannot connect to localhost:${port}: no answer within 100 ms (ETIMEDOUT)`,
    });
    full.child.stdin.write("\n");
    await full.child.stdin.flush();
    await full.says(/ECONNRESET|FIN/);
  },
);
