import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";

import { connect } from "../../../src/client/connect.ts";
import { parseEndpoint } from "../../../src/address/endpoint.ts";
import { Caller } from "../../support/caller.ts";
import { Program, sounder } from "../../support/cli.ts";
import { expectEcho } from "../../support/expect-echo.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { listening } from "../../support/listening.ts";
import { until } from "../../support/until.ts";

/** More lines than a pipe holds, and fewer than are summed. */
const CONNECTIONS = 600;

/**
 * A server whose log is read up to its first line, and on from the moment that
 * its standard input says so. Its process number is told before.
 */
function unread(...args: string[]): Program {
  const script = `
    exec 3<&0
    sh -c 'echo $$; exec "$@"' sh "$@" 2>&1 < /dev/null | {
      IFS= read -r pid; echo "$pid"; IFS= read -r line; echo "$line"
      read -r go <&3; exec cat
    } >&2`;
  return new Program(["sh", "-c", script, "sh", ...sounder("server", ...args)]);
}

test.each(["text", "json"])(
  "a log as %s that nobody reads holds up nobody, and is not lost",
  async (kind) => {
    await using folder = await temporaryFolder();
    const path = folder.path("echo.sock");
    const address = `unix:${path}`;
    await using server = unread(address, "--reply=raw", "--log", kind);
    const [, pid] = await server.says(/^(\d+)\n.*stening.*\n/);
    for (let count = 0; count < CONNECTIONS; count += 1) {
      await using connection = await connect(address);
      await expectEcho(connection, "hello");
    }
    process.kill(Number(pid), "SIGTERM");
    await until(() => !existsSync(path), "it stops");
    // It has nothing left to do but to wait for who did not read so far.
    await Bun.sleep(100);
    server.child.stdin.write("go\n");
    await server.child.stdin.flush();
    expect(await server.ended()).toBe(0);
    expect(server.said.match(/connected/g)).toHaveLength(CONNECTIONS);
    expect(server.said.match(/closed/g)).toHaveLength(CONNECTIONS);
    expect(server.said).toMatch(/Stopped\.\n$|"stopped","reset":0}\n$/);
  },
);

/** Sends something that is not let in, and waits for the end. */
async function knock(address: string, bytes: string): Promise<void> {
  await using caller = await Caller.dial(parseEndpoint(address));
  caller.send(bytes);
  await caller.closed();
}

describe("what is not let in", () => {
  const PEER = String.raw`127\.0\.0\.1:\d+`;

  test("is told with the last one's address, and why", async () => {
    await using server = await listening(
      "--proxy-protocol",
      "--allow=127.0.0.1",
    );
    await knock(server.address, "PROXY TCP9\r\n");
    await server.says(
      new RegExp(
        String.raw`^\S+ 1 connection not let in: proxy-malformed; the last ` +
          `was ${PEER}: its line is not one of version 1$`,
        "m",
      ),
    );
  });

  test("is told as JSON, even if the stop comes within the second", async () => {
    await using folder = await temporaryFolder();
    const flags = ["--log=json", "--deny=127.0.0.0/8"];
    await using server = new Program(
      sounder("server", "127.0.0.1:0", `unix:${folder.path("s")}`, ...flags),
    );
    const [, address] = await server.says(/"address":"(127\S+?)"/);
    await knock(address!, "");
    server.child.kill("SIGTERM");
    expect(await server.ended()).toBe(0);
    const lines = server.said.trimEnd().split("\n");
    const told = lines.map((line) => JSON.parse(line));
    expect(told).toContainEqual({
      level: 40,
      time: expect.any(Number),
      event: "rejected",
      reason: "deny",
      count: 1,
      peer: expect.stringMatching(new RegExp(`^${PEER}$`)),
    });
    expect(told.at(-1)).toMatchObject({ event: "stopped" });
  });
});

test("a log as JSON has no prose where there are fields", async () => {
  const flags = ["--log=json", "--admin=127.0.0.1:0"];
  await using server = new Program(sounder("server", "[::]:0", ...flags));
  await server.says(/"admin".*\n/);
  const [first, second] = server.said
    .split("\n")
    .map((line) => line && JSON.parse(line));
  expect(first).toMatchObject({
    level: 30,
    event: "listening",
    address: expect.stringMatching(/^\[::\]:\d+$/),
  });
  expect(second).toMatchObject({
    level: 30,
    event: "admin",
    address: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
  });
});
