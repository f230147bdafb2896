import { expect, test } from "bun:test";
import { existsSync } from "node:fs";

import { connect } from "../../src/client/connect.ts";
import { Program, sounder } from "../support/cli.ts";
import { expectEcho } from "../support/expect-echo.ts";
import { temporaryFolder } from "../support/folder.ts";
import { until } from "../support/until.ts";

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
