import { describe, expect, test } from "bun:test";
import { join } from "node:path";

import { connect } from "../../../src/client/connect.ts";
import { noProc } from "../../support/child.ts";
import { Program, sounder } from "../../support/cli.ts";
import { expectEcho } from "../../support/expect-echo.ts";
import { listening } from "../../support/listening.ts";
import { Pty } from "../../support/pty.ts";
import { until } from "../../support/until.ts";

const ROOT = join(import.meta.dir, "../../..");

/** Sends signals until the process ends: two close together are one. */
async function stopAtOnce(server: Program): Promise<void> {
  await until(() => {
    server.child.kill("SIGTERM");
    return server.child.exitCode !== null;
  }, "it stops");
}

/** Waits until nobody accepts any more. */
async function toBeRefused(address: string): Promise<void> {
  for (;;) {
    try {
      await using _connection = await connect(address);
    } catch {
      return;
    }
  }
}

describe("sounder server stops", () => {
  test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "at %s, once its peers have finished",
    async (signal) => {
      await using server = await listening("--reply", "raw");
      await using connection = await connect(server.address);
      await expectEcho(connection, "hello");
      server.child.kill(signal);
      await server.says(
        /Stopping: no new connections; 1 open, served to their end\. Again/,
      );
      await toBeRefused(server.address);
      await expectEcho(connection, "still there");
      connection.finish();
      expect(await connection.read()).toBeUndefined();
      expect(await server.ended()).toBe(0);
      expect(server.said).toEndWith("Stopped.\n");
    },
  );

  test("once, when two signals come together", async () => {
    await using server = await listening("--reply", "raw");
    await using connection = await connect(server.address);
    await expectEcho(connection, "hello");
    server.child.kill("SIGINT");
    server.child.kill("SIGTERM");
    await server.says(/Stopping/);
    await expectEcho(connection, "still there");
    connection.finish();
    expect(await server.ended()).toBe(0);
    expect(server.said.match(/Stopping/g)).toHaveLength(1);
    expect(server.said).toEndWith("Stopped.\n");
  });

  test("at once at a second signal", async () => {
    await using server = await listening("--drain-timeout", "1h");
    await using connection = await connect(server.address);
    await connection.write(Buffer.from("hello"));
    await connection.read();
    await stopAtOnce(server);
    expect(await server.ended()).toBe(0);
    expect(server.said.match(/Stopping/g)).toHaveLength(1);
    expect(server.said).toEndWith("Stopped; 1 had to be reset.\n");
    await expect(connection.read()).rejects.toMatchObject({
      code: "ECONNRESET",
    });
  });

  test("at once at a second signal in --drain-delay", async () => {
    await using server = await listening("--drain-delay", "1h");
    await using _connection = await connect(server.address);
    await server.says(/#1 .* connected/);
    server.child.kill("SIGTERM");
    await server.says(/not ready; the stop begins in 1h 00m\n/);
    // Until it stops, others are served.
    await using _other = await connect(server.address);
    await server.says(/#2 .* connected/);
    await stopAtOnce(server);
    expect(await server.ended()).toBe(0);
    expect(server.said).not.toContain("Stopping");
    expect(server.said).toEndWith("Stopped; 2 had to be reset.\n");
  });

  test("after --drain-timeout", async () => {
    await using server = await listening("--drain-timeout", "50ms");
    await using connection = await connect(server.address);
    await connection.write(Buffer.from("hello"));
    await connection.read();
    server.child.kill("SIGTERM");
    expect(await server.ended()).toBe(0);
    expect(server.said).toEndWith("Stopped; 1 had to be reset.\n");
  });

  test("at Ctrl-C", async () => {
    await using terminal = new Pty(sounder("server", "127.0.0.1:0"));
    await terminal.prints("Ctrl-C stops.");
    terminal.type("\u0003");
    expect(await terminal.child.exited).toBe(0);
    await terminal.prints("Stopped.");
  });

  test.each([[[]], [["--workers=2"]]])(
    "when its terminal is closed, with %p",
    async (flags) => {
      const command = sounder("server", "127.0.0.1:0", ...flags);
      await using terminal = new Pty(command);
      await terminal.prints("Ctrl-C stops.");
      terminal.child.terminal!.close();
      expect(await terminal.child.exited).toBe(0);
    },
  );

  test.skipIf(noProc)("not when nohup keeps SIGHUP from it", async () => {
    const command = sounder("server", "127.0.0.1:0");
    await using server = new Program(["nohup", ...command]);
    const [, address] = await server.says(/Listening on (\S+);/);
    server.child.kill("SIGHUP");
    await using _connection = await connect(address);
    await server.says(/#1 .* connected/);
    server.child.kill("SIGTERM");
    expect(await server.ended()).toBe(0);
  });

  test("gracefully at Ctrl-C under bun run, which makes two of one", async () => {
    await using terminal = new Pty([
      process.execPath,
      `--cwd=${ROOT}`,
      "run",
      "server",
      "127.0.0.1:0",
      "--reply",
      "raw",
    ]);
    await terminal.prints("Ctrl-C stops.");
    const [, address] = /Listening on (\S+);/.exec(terminal.printed)!;
    await using connection = await connect(address);
    await expectEcho(connection, "hello");
    terminal.type("\u0003");
    await terminal.prints("Stopping");
    await expectEcho(connection, "still there");
    connection.finish();
    expect(await terminal.child.exited).toBe(0);
    await terminal.prints("Stopped.");
  });
});
