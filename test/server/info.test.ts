import { expect, test } from "bun:test";
import { hostname } from "node:os";

import { connect } from "../../src/client/connect.ts";
import { load } from "../../src/load/load.ts";
import type { ServerOptions } from "../../src/server/options.ts";
import { startServer } from "../../src/server/server.ts";
import { run, sounder } from "../support/cli.ts";
import { haproxy, noHaproxy } from "../support/haproxy.ts";
import { peerProgram } from "../support/peer.ts";
import { temporaryFolder } from "../support/folder.ts";

const ncat = peerProgram("ncat");

const serve = (options: ServerOptions = {}) =>
  startServer({ addresses: ["127.0.0.1:0"], reply: "info", ...options });

test("a server tells of itself and the connection, then echoes", async () => {
  await using server = await serve({ name: "one" });
  await using connection = await connect(server.addresses[0]!);
  const text = "hello\n";
  await connection.write(Buffer.from(text));
  connection.finish();
  const [line, ...rest] = String(await connection.readAll()).split("\n");
  expect(JSON.parse(line!)).toMatchObject({
    server: "one",
    host: hostname(),
    peer: `127.0.0.1:${connection.localPort}`,
    local: `127.0.0.1:${server.port}`,
    proxied: null,
    tls: null,
  });
  expect(rest).toEqual(["hello", ""]);
  expect(server.tally.bytes.out).toBe(line!.length + 1 + text.length);
});

test.skipIf(ncat === undefined)("ncat shows it at once", async () => {
  await using server = await serve();
  const at = ["127.0.0.1", String(server.port)];
  const { stdout } = await run([ncat!, ...at]);
  expect(JSON.parse(stdout).instance).toMatch(/^[0-9a-f]{8}$/);
});

test("over TLS it tells what was agreed on", async () => {
  await using server = await serve({ addresses: ["tls://127.0.0.1:0"] });
  await using connection = await connect(server.addresses[0]!, {
    tls: { insecure: true, serverName: "echo.example" },
  });
  const { tls } = JSON.parse(String(await connection.read()));
  expect(tls).toMatchObject({
    version: connection.tls!.version,
    cipher: connection.tls!.cipher,
    serverName: "echo.example",
    client: null,
  });
});

test("a Unix socket has no addresses", async () => {
  await using folder = await temporaryFolder();
  await using server = await serve({ addresses: [`unix:${folder.path("s")}`] });
  await using connection = await connect(server.addresses[0]!);
  const info = JSON.parse(String(await connection.read()));
  expect(info).toMatchObject({ peer: null, local: null });
});

test.skipIf(noHaproxy).each(["send-proxy", "send-proxy-v2"])(
  "behind %s both addresses are told",
  async (option) => {
    await using server = await serve({ proxyProtocol: true });
    await using proxy = await haproxy(server.addresses[0]!, option);
    await using connection = await connect(proxy.endpoint);
    const info = JSON.parse(String(await connection.read()));
    expect(info.peer).toBe(`127.0.0.1:${connection.localPort}`);
    expect(info.proxied).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(info.proxied).not.toBe(info.peer);
  },
);

test("load finds it out, and verifies what is behind the line", async () => {
  await using server = await serve();
  const result = await load(server.addresses[0]!, {
    connections: 4,
    messages: 200,
    warmup: 0,
  });
  expect(result).toMatchObject({ reply: "info", verdict: "pass" });
  expect(result.bytes.mismatched).toBe(0);
});

test("client --verify says what it wants instead", async () => {
  await using server = await serve();
  const args = ["client", "--verify", `127.0.0.1:${server.port}`];
  const { status, stderr } = await run(sounder(...args), "hello");
  expect(status).toBe(1);
  expect(stderr).toContain("tells of itself first: it wants --reply raw");
});
