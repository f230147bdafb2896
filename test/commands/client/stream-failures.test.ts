import { describe, expect, test } from "bun:test";

import { Program, redirected, run, sounder } from "../../support/cli.ts";
import { echo } from "../../support/echo.ts";
import { withoutTimes } from "../../support/failed.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { noPython, peer } from "../../support/python.ts";
import { swallows } from "../../villains/mutes.ts";
import { resetsAfter, finishesAfter } from "../../villains/faulty.ts";

/** Runs a client that is told `hello`, and whose input stays open. */
async function talking(...args: string[]) {
  await using client = new Program(sounder("client", ...args));
  client.child.stdin.write("hello");
  await client.child.stdin.flush();
  const stdout = await client.child.stdout.text();
  const status = await client.ended();
  const stderr = withoutTimes(client.said);
  return { status, stdout, stderr };
}

const failed = (stderr: string, stdout = "") => ({
  status: 1,
  stdout,
  stderr: `sounder: ${stderr}\n`,
});

describe("sounder client fails", () => {
  test("when the server finishes before its input", async () => {
    await using server = await finishesAfter(4);
    expect(await talking(server.address)).toEqual(
      failed(
        `the server at ${server.address} finished before we did, ` +
          "after 5 bytes sent and 4 received, then … of silence (EEARLY)",
        "hell",
      ),
    );
  });

  test("when the server resets the connection", async () => {
    await using server = await resetsAfter(4);
    expect(await talking(server.address)).toEqual(
      failed(
        `the server at ${server.address} reset the connection after ` +
          "5 bytes sent and 4 received, then … of silence (ECONNRESET)",
        "hell",
      ),
    );
  });

  test("when nobody listens", async () => {
    await using folder = await temporaryFolder();
    const address = `unix:${folder.path("nobody.sock")}`;
    expect(await run(sounder("client", address))).toEqual(
      failed(`cannot connect to ${address}: no such file (ENOENT)`),
    );
  });

  test("when nothing comes back for --timeout", async () => {
    await using server = await swallows();
    expect(await talking(server.address, "--timeout", "50ms")).toEqual(
      failed(
        `nothing came back from ${server.address} for 50.0 ms, after ` +
          "0 of 5 bytes (ETIMEDOUT)",
      ),
    );
  });

  test("when the server's end does not come for --timeout", async () => {
    await using server = await swallows();
    const command = sounder("client", server.address, "--timeout", "50ms");
    expect(await run(command)).toEqual(
      failed(
        `nothing came back from ${server.address} for 50.0 ms, after ` +
          "0 of 0 bytes (ETIMEDOUT)",
      ),
    );
  });

  test.skipIf(noPython)(
    "when a connection stays in the air for --connect-timeout",
    async () => {
      await using full = new Program(peer("full_backlog"));
      const [port] = await full.says(/\d+/);
      const address = `127.0.0.1:${port}`;
      expect(await talking(address, "--connect-timeout", "100ms")).toEqual(
        failed(
          `cannot connect to ${address}: no answer within 100 ms (ETIMEDOUT)`,
        ),
      );
    },
  );

  test("when its reader goes away", async () => {
    await using server = await echo();
    const command = sounder("client", server.address);
    const { stdout, stderr } = await run([
      "sh",
      "-c",
      '{ "$@"; echo "status $?" >&2; } < /dev/zero | head -c 10 | wc -c',
      "sh",
      ...command,
    ]);
    expect(stdout.trim()).toBe("10");
    expect(stderr).toBe(
      "sounder: cannot write to standard output: " +
        "the reader closed it (EPIPE)\nstatus 1\n",
    );
  });

  for (const flags of [[], ["--verify"]]) {
    const told = ["client", ...flags].join(" ");

    test(`when the disk is full: ${told}`, async () => {
      await using server = await echo();
      const command = sounder("client", server.address, ...flags);
      expect(await run(redirected("> /dev/full", command), "hello")).toEqual(
        failed("cannot write to standard output: no space is left (ENOSPC)"),
      );
    });

    test(`when its input is a folder: ${told}`, async () => {
      await using server = await echo();
      const command = sounder("client", server.address, ...flags);
      expect(await run(redirected("< /", command))).toEqual(
        failed("cannot read standard input: it is a directory (EISDIR)"),
      );
    });
  }
});

test("sounder client --retry-for waits for a server that starts late", async () => {
  await using folder = await temporaryFolder();
  const address = `unix:${folder.path("late.sock")}`;
  const flags = ["--retry-for", "60s", "--trace"];
  await using client = new Program(sounder("client", address, ...flags));
  await client.says(/failed +no such file \(ENOENT\)/);
  await using _server = await echo("raw", address);
  client.child.stdin.write("hello");
  await client.child.stdin.end();
  expect(await client.child.stdout.text()).toBe("hello");
  expect(await client.ended()).toBe(0);
});

describe("sounder client ends with 130 on Ctrl-C", () => {
  test("while it streams", async () => {
    await using server = await swallows();
    await using client = new Program(
      sounder("client", server.address, "--trace"),
    );
    await client.says(/connected/);
    client.child.kill("SIGINT");
    expect(await client.ended()).toBe(130);
    expect(client.child.signalCode).toBeNull();
  });

  test("while it tries to connect", async () => {
    await using folder = await temporaryFolder();
    const address = `unix:${folder.path("nobody.sock")}`;
    const flags = ["--retry-for", "60s", "--trace"];
    await using client = new Program(sounder("client", address, ...flags));
    await client.says(/failed +no such file \(ENOENT\)/);
    client.child.kill("SIGINT");
    expect(await client.ended()).toBe(130);
    expect(client.child.signalCode).toBeNull();
  });
});

test.each([
  ["<&-", "hello", ""],
  [">&-", "hello", ""],
  ["2>&-", "hello", "hello"],
  ["<&- >&- 2>&-", "hello", ""],
])("sounder client does its work with %s", async (closed, input, output) => {
  await using server = await echo();
  const command = sounder("client", server.address);
  expect(await run(redirected(closed, command), input)).toEqual({
    status: 0,
    stdout: output,
    stderr: "",
  });
});
