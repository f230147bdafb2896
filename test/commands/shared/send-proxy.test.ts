import { describe, expect, test } from "bun:test";

import { Program, run, sounder } from "../../support/cli.ts";
import { listening } from "../../support/listening.ts";
import { temporaryFolder } from "../../support/folder.ts";

const proxied = ["--reply=raw", "--proxy-protocol", "--allow=127.0.0.1"];

describe.each(["v1", "v2"])("--send-proxy %s", (version) => {
  const send = `--send-proxy=${version}`;

  test("has a client let in, by its own address", async () => {
    await using server = await listening(...proxied, "--allow=127.0.0.0/8");
    const talk = sounder("client", server.address, send, "--verify");
    expect(await run(talk, "hello".repeat(100_000))).toMatchObject({
      status: 0,
    });
    await server.says(/#1 127\.0\.0\.1:\d+ closed .*; the peer finished/);
  });

  test("has a load let in, on every connection", async () => {
    await using server = await listening(...proxied);
    const flags = ["-c8", "-n1000", "--warmup=0s", "--json=-", send];
    const { status, stdout } = await run(
      sounder("load", server.address, ...flags),
    );
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      bytes: { mismatched: 0 },
      errors: {},
      messages: { received: 1000 },
    });
  });

  test("goes before TLS, also in a load", async () => {
    await using server = new Program(
      sounder("server", "tls://127.0.0.1:0", ...proxied),
    );
    const [, address] = await server.says(/Listening on (tls:\S+);/);
    const flags = [send, "--tls-insecure", address!];
    const text = "hello".repeat(100_000);
    const talk = sounder("client", "--verify", ...flags);
    expect(await run(talk, text)).toMatchObject({ status: 0, stderr: "" });
    await server.says(/#1 127\.0\.0\.1:\d+ closed .*; the peer finished/);
    const { status, stdout } = await run(
      sounder("load", "-c8", "-n1000", "--warmup=0s", "--json=-", ...flags),
    );
    expect({ status, ...JSON.parse(stdout) }).toMatchObject({
      status: 0,
      errors: {},
      messages: { received: 1000 },
    });
  });

  test("goes over a Unix socket, too, where nobody has an address", async () => {
    await using folder = await temporaryFolder();
    const address = `unix:${folder.path("echo.sock")}`;
    await using server = new Program(sounder("server", address, ...proxied));
    await server.says(/Listening/);
    expect(await run(sounder("client", address, send), "hello")).toEqual({
      status: 0,
      stdout: "hello",
      stderr: "",
    });
  });
});

test("--proxy-protocol closes who sends none, and says how many", async () => {
  await using server = await listening(...proxied);
  const { status, stdout } = await run(
    sounder("client", server.address),
    "hello",
  );
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  await server.says(/1 connection not let in: proxy-malformed; /);
});
