import { describe, expect, test } from "bun:test";

import { connect } from "../../../src/client/connect.ts";
import { Program, redirected, run, sounder } from "../../support/cli.ts";
import { expectEcho } from "../../support/expect-echo.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { listening } from "../../support/listening.ts";

describe("sounder server listens", () => {
  test("on one address, and says what it answers", async () => {
    await using server = await listening();
    expect(server.said).toMatch(
      /^Listening on 127\.0\.0\.1:\d+; answers are stamped\. Ctrl-C stops\.\n$/,
    );
    await using connection = await connect(server.address);
    await connection.write(Buffer.from("hello"));
    expect(String(await connection.read())).toMatch(/^\[.{24}\] hello$/);
  });

  test("on several, each of which answers", async () => {
    await using folder = await temporaryFolder();
    const unix = `unix:${folder.path("echo.sock")}`;
    const addresses = ["127.0.0.1:0", "[::1]:0", unix];
    await using server = new Program(
      sounder("server", ...addresses, "--reply", "raw"),
    );
    await server.says(/unix:.*\n/);
    const addressed = [...server.said.matchAll(/Listening on (\S+);/g)];
    expect(addressed).toHaveLength(3);
    for (const [, address] of addressed) {
      await using connection = await connect(address);
      await expectEcho(connection, "hello");
    }
  });

  test.each([
    ["[::]:0", "[::]", "every interface, IPv4 and IPv6"],
    ["0", "[::]", "every interface, IPv4 and IPv6"],
    ["0.0.0.0:0", "0.0.0.0", "every interface"],
  ])("on %s, which it explains", async (address, host, meaning) => {
    await using server = new Program(sounder("server", address));
    const [, told, port] = await server.says(/^Listening on (.*):(\d+) \(/);
    expect(told).toBe(host);
    expect(server.said).toContain(`${port} (${meaning}); answers`);
  });

  test("nowhere, when an address is in use", async () => {
    await using server = await listening();
    expect(await run(sounder("server", server.address))).toEqual({
      status: 1,
      stdout: "",
      stderr:
        `sounder: cannot listen on ${server.address}: ` +
        "the address is in use (EADDRINUSE)\n",
    });
  });
});

test.each([
  [
    "no.such.host.invalid:0",
    /^sounder: cannot listen on no\.such\.host\.invalid:0: the name (is not known \(ENOTFOUND|server does not answer \(EAI_AGAIN)\)\n$/,
  ],
  [
    "fd:77",
    /^sounder: cannot listen on fd:77: that descriptor is not a listening socket \(EINVAL\)\n$/,
  ],
])("sounder server says why it can't listen on %s", async (address, why) => {
  expect(await run(sounder("server", address))).toEqual({
    status: 1,
    stdout: "",
    stderr: expect.stringMatching(why),
  });
});

describe("sounder server tells who comes and goes", () => {
  const CLOCK = String.raw`\d\d:\d\d:\d\d`;
  const PEER = String.raw`127\.0\.0\.1:\d+`;

  test("as text", async () => {
    await using server = await listening("--reply", "raw");
    {
      await using connection = await connect(server.address);
      await server.says(new RegExp(`^${CLOCK} #1 ${PEER} connected$`, "m"));
      await expectEcho(connection, "hello");
      connection.finish();
      expect(await connection.read()).toBeUndefined();
      await server.says(
        new RegExp(
          String.raw`^${CLOCK} #1 ${PEER} closed after \S+ m?s: ` +
            String.raw`5 B in, 5 B out; the peer finished \(FIN\)$`,
          "m",
        ),
      );
    }
    {
      await using connection = await connect(server.address);
      await expectEcho(connection, "again");
    }
    await server.says(/#2 .*: 5 B in, 5 B out; the peer reset it \(RST\)\n/);
  });

  test("as JSON, a line each", async () => {
    await using folder = await temporaryFolder();
    const address = `unix:${folder.path("echo.sock")}`;
    const flags = ["--reply", "raw", "--log", "json"];
    await using server = new Program(sounder("server", address, ...flags));
    await server.says(/\n/);
    {
      await using connection = await connect(address);
      await expectEcho(connection, "hello");
      connection.finish();
      expect(await connection.read()).toBeUndefined();
    }
    await server.says(/"closed"/);
    server.child.kill("SIGTERM");
    expect(await server.ended()).toBe(0);
    const lines = server.said.trimEnd().split("\n");
    const common = { level: 30, time: expect.any(Number) };
    const peer = { id: 1, peer: "unix peer 1" };
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { ...common, event: "listening", address, reply: "raw" },
      { ...common, event: "connected", ...peer },
      {
        ...common,
        event: "closed",
        ...peer,
        bytesIn: 5,
        bytesOut: 5,
        dropped: 0,
        cause: "FIN",
        ms: expect.any(Number),
      },
      { ...common, event: "stopping", open: 0 },
      { ...common, event: "stopped", reset: 0 },
    ]);
  });

  test("to nobody, with --log off", async () => {
    await using folder = await temporaryFolder();
    const address = `unix:${folder.path("echo.sock")}`;
    await using server = new Program(
      sounder("server", address, "--reply", "raw", "--log", "off"),
    );
    {
      await using connection = await connect(address, { retryFor: 60_000 });
      await expectEcho(connection, "hello");
    }
    server.child.kill("SIGTERM");
    expect(await server.ended()).toBe(0);
    expect(server.said).toBe("");
  });

  test.each(["text", "json"])(
    "as %s, and works on when nobody reads that any more",
    async (kind) => {
      await using folder = await temporaryFolder();
      const address = `unix:${folder.path("echo.sock")}`;
      await using server = new Program([
        "sh",
        "-c",
        '{ "$@"; echo "status $?" >&3; } 3>&2 2>&1 | head -n 1',
        "sh",
        ...sounder("server", address, "--reply", "raw", "--log", kind),
      ]);
      const { value } = await server.child.stdout.getReader().read();
      expect(String(Buffer.from(value!))).toContain("stening");
      for (let round = 0; round < 5; round += 1) {
        await using connection = await connect(address);
        await expectEcho(connection, "hello");
      }
      expect(server.said).toBe("");
    },
  );
});

test("sounder server has admin pages on a Unix socket, and says where", async () => {
  await using folder = await temporaryFolder();
  const unix = folder.path("admin.sock");
  await using server = await listening("--admin", `unix:${unix}`);
  await server.says(new RegExp(`admin pages at unix:${unix}\n`));
  const answer = await fetch("http://localhost/readyz", { unix });
  expect(await answer.text()).toBe("ready\n");
  const metrics = await fetch("http://whatever/metrics", { unix });
  expect(await metrics.text()).toContain("\nsounder_ready 1\n");
});

test.each(["<&-", ">&-", "2>&-"])(
  "sounder server does its work with %s",
  async (closed) => {
    await using folder = await temporaryFolder();
    const address = `unix:${folder.path("echo.sock")}`;
    await using _server = new Program(
      redirected(closed, sounder("server", address, "--reply", "raw")),
    );
    for (let round = 0; round < 3; round += 1) {
      await using connection = await connect(address, { retryFor: 60_000 });
      await expectEcho(connection, "hello");
    }
  },
);
