import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";

import { formatEndpoint } from "../../../src/address/endpoint.ts";
import { startServer } from "../../../src/server/server.ts";
import { noProc } from "../../support/child.ts";
import { sounder } from "../../support/cli.ts";
import { conversation, puppet } from "../../support/conversation.ts";
import { echo } from "../../support/echo.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { Pty } from "../../support/pty.ts";
import { tracing } from "../../support/tracing.ts";
import { until } from "../../support/until.ts";
import { swallows } from "../../villains/mutes.ts";

const UP = "\u001b[A";
const CTRL_C = "\u0003";
const CTRL_D = "\u0004";
const CTRL_Z = "\u001a";

describe("sounder client at a terminal", () => {
  test("sends a line and prints the answer above a new prompt", async () => {
    await using server = await echo("stamp");
    await using terminal = await conversation(server.address);
    terminal.type("hello\r");
    await terminal.shows("> hello", /^\[.{24}\] hello$/, ">");
    expect(terminal.screen.cursor).toEqual({ row: 3, column: 2 });
  });

  test("has a history", async () => {
    await using server = await echo();
    await using terminal = await conversation(server.address);
    terminal.type("one\r");
    await terminal.shows("> one", "one", ">");
    terminal.type("two\r");
    await terminal.shows("> two", "two", ">");
    terminal.type(UP + UP);
    await terminal.shows("> one");
    terminal.type("!\r");
    await terminal.shows("> one!", "one!", ">");
  });

  test.each([
    ["an empty line", "\r", [">", ""]],
    ["Ctrl-D", CTRL_D, [""]],
  ])("ends at %s, and leaves a clean line", async (_, key, left) => {
    await using server = await echo();
    await using terminal = await conversation(server.address);
    terminal.type("hello\r");
    await terminal.shows("> hello", "hello", ">");
    terminal.type(key);
    expect(await terminal.child.exited).toBe(0);
    await terminal.shows("hello", ...left);
    expect(terminal.screen.cursor.column).toBe(0);
    expect(terminal.isCooked).toBe(true);
    await until(() => server.tally.closed.FIN === 1, "the server saw a FIN");
  });

  test("prints what is still to come after Ctrl-D", async () => {
    await using server = await puppet();
    await using terminal = await conversation(server.address);
    server.sockets[0]!.removeAllListeners("end");
    terminal.type(`hello\r${CTRL_D}`);
    await until(() => server.sockets[0]!.readableEnded, "it has finished");
    expect(server.heard()).toBe("hello\n");
    server.sockets[0]!.end("too late");
    await terminal.shows("> hello", "too late", "");
    expect(await terminal.child.exited).toBe(0);
  });

  test.each([
    ["with 130", ""],
    ["in the middle of a line", "unfinish"],
    ["when it waits for the server's end", `hello\r${CTRL_D}`],
  ])("ends at Ctrl-C %s", async (_, keys) => {
    await using server = await swallows();
    await using terminal = await conversation(server.address);
    terminal.type(keys);
    if (keys.endsWith(CTRL_D)) await until(() => terminal.isCooked, "its end");
    else await terminal.shows(`> ${keys}`.trim());
    terminal.type(CTRL_C);
    expect(await terminal.child.exited).toBe(130);
    await until(() => terminal.screen.cursor.column <= 2, "a clean line");
    expect(terminal.isCooked).toBe(true);
  });

  test("gives the terminal back at SIGINT from elsewhere", async () => {
    await using server = await echo();
    await using terminal = await conversation(server.address);
    expect(terminal.isCooked).toBe(false);
    terminal.child.kill("SIGINT");
    expect(await terminal.child.exited).toBe(130);
    expect(terminal.isCooked).toBe(true);
  });

  test("goes on after Ctrl-Z and fg", async () => {
    await using server = await echo();
    const command = sounder("client", server.address);
    await using terminal = new Pty(["sh", "-mc", '"$@"; fg', "sh", ...command]);
    await terminal.shows(">");
    terminal.type(`hel${CTRL_Z}`);
    // It draws what was typed again.
    await terminal.prints("> hel");
    terminal.type("lo\r");
    await terminal.shows("> hello", "hello", ">");
  });

  test.skipIf(noProc)("goes on after SIGSTOP and fg", async () => {
    await using server = await echo();
    const command = sounder("client", server.address);
    // A shell sets the terminal as it wants it when a job has stopped.
    const script = '"$@"; stty sane; fg';
    await using terminal = new Pty(["sh", "-mc", script, "sh", ...command]);
    await terminal.shows(">");
    terminal.type("hel");
    await terminal.shows("> hel");
    const { pid } = terminal.child;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
    const before = terminal.printed.length;
    process.kill(Number(children), "SIGSTOP");
    await until(
      () => terminal.printed.slice(before).includes("> hel"),
      "the prompt is back, with what was typed",
    );
    await until(() => !terminal.isCooked, "it reads keys again");
    terminal.type("lo\r");
    await terminal.shows("> hello", "hello", ">");
  });

  test.each(["SIGTERM", "SIGHUP", "SIGQUIT"] as const)(
    "gives the terminal back at %s",
    async (signal) => {
      await using server = await echo();
      await using terminal = await conversation(server.address);
      expect(terminal.isCooked).toBe(false);
      terminal.child.kill(signal);
      await terminal.child.exited;
      expect(terminal.child.signalCode).toBe(signal);
      expect(terminal.isCooked).toBe(true);
    },
  );

  test.each(["xterm", "dumb"])(
    "ends quietly when its %s terminal is closed",
    async (term) => {
      await using server = await echo();
      await using folder = await temporaryFolder();
      const said = folder.path("said");
      const command = sounder("client", server.address);
      const script = `TERM=${term} exec "$@" 2>${said}`;
      await using terminal = new Pty(["sh", "-c", script, "sh", ...command]);
      await terminal.prints("> ");
      terminal.child.terminal!.close();
      await terminal.child.exited;
      const { exitCode, signalCode } = terminal.child;
      // The end of its input and the signal come together.
      expect(exitCode === 0 || signalCode === "SIGHUP").toBe(true);
      expect(await Bun.file(said).text()).toMatch(/^Connected to .*\n$/);
    },
  );

  test.each([
    ["Latin-1", Buffer.from("caf\u00e9", "latin1")],
    ["U+2028", Buffer.from("a\u2028b\u2029c")],
    ["half a character", Buffer.from([0x61, 0xe2, 0x82, 0x62])],
    ["characters of all lengths", Buffer.from("é€👩‍🚀")],
  ])("sends %s as it was typed", async (_, bytes) => {
    await using server = await puppet();
    await using terminal = await conversation(server.address);
    for (const byte of bytes) {
      terminal.child.terminal!.write(Uint8Array.of(byte));
    }
    terminal.type("\r");
    const line = `${bytes.toString("latin1")}\n`;
    await until(() => server.heard().length === line.length, "it is sent");
    expect(server.heard()).toBe(line);
  });

  test("ends when the server does, in the middle of a line that was not sent", async () => {
    await using server = await puppet();
    await using terminal = await conversation(server.address);
    terminal.type("unfinish");
    await terminal.shows("> unfinish");
    server.sockets[0]!.end("bye");
    expect(await terminal.child.exited).toBe(0);
    await terminal.shows(
      "bye",
      "> unfinish",
      `The server at ${server.address} ended the connection.`,
      "",
    );
    expect(terminal.isCooked).toBe(true);
    await until(() => server.sockets[0]!.closed, "our FIN is there, too");
    expect(server.sockets[0]!.errored).toBeNull();
  });

  test("fails when the server ends and owes an answer, after longer ones", async () => {
    await using server = await puppet();
    await using terminal = await conversation(server.address);
    terminal.type("one\r");
    await until(() => server.heard() === "one\n", "it is sent");
    server.sockets[0]!.write("[a stamp] one\n");
    await terminal.shows("[a stamp] one", ">");
    terminal.type("two\r");
    await until(() => server.heard() === "one\ntwo\n", "it is sent");
    server.sockets[0]!.end();
    expect(await terminal.child.exited).toBe(1);
    await terminal.prints(
      `sounder: the server at ${server.address} finished before we did, ` +
        "after 8 bytes sent and 14 received, then ",
    );
    await terminal.prints(" of silence (EEARLY)\r\n");
    await until(() => server.sockets[0]!.closed, "our FIN is there, too");
    expect(server.sockets[0]!.errored).toBeNull();
  });

  test.each(["stop", "idle", "lifetime"] as const)(
    "and its server each answer the other's FIN where the server ends it: %s",
    async (cause) => {
      const { tracer, lines } = tracing("server");
      const limits = {
        stop: {},
        idle: { idleTimeout: 300 },
        lifetime: { maxLifetime: 300 },
      };
      const addresses = ["127.0.0.1:0"];
      const options = { addresses, ...limits[cause], trace: tracer };
      await using server = await startServer(options);
      const address = formatEndpoint(server.addresses[0]!);
      const command = sounder("client", "--trace", address);
      await using terminal = new Pty(command);
      await terminal.shows(">");
      if (cause === "stop") expect(await server.stop()).toBe(0);
      expect(await terminal.child.exited).toBe(0);
      await terminal.shows(
        /\(11\) finished {2}FIN ← /,
        /\(12\) finish {4}FIN → /,
        / {5}closed /,
        ">",
        `The server at ${address} ended the connection.`,
        "",
      );
      const closed = () => lines.at(-1)!.includes(" closed ");
      await until(closed, "the server has seen our FIN");
      expect(lines.slice(-3)).toEqual([
        expect.stringContaining("(11) finish    FIN → "),
        expect.stringContaining("(12) finished  FIN ← "),
        expect.stringContaining("     closed    "),
      ]);
      expect(server.tally.closed).toMatchObject({ [cause]: 1, RST: 0 });
    },
  );

  test("fails when the answer is missing behind its own end", async () => {
    await using server = await puppet();
    await using terminal = await conversation(server.address);
    server.sockets[0]!.removeAllListeners("end");
    terminal.type(`hello\r${CTRL_D}`);
    await until(() => server.sockets[0]!.readableEnded, "its end is there");
    server.sockets[0]!.end("hel");
    expect(await terminal.child.exited).toBe(1);
    await terminal.prints(
      "answered less than it was sent, after 6 bytes sent and 3 received, then ",
    );
    await terminal.prints("the path may not keep half-close (EMISSING)\r\n");
  });

  test("fails when the server resets the connection", async () => {
    await using server = await puppet();
    await using terminal = await conversation(server.address);
    server.sockets[0]!.resetAndDestroy();
    expect(await terminal.child.exited).toBe(1);
    await terminal.prints("the peer reset the connection (ECONNRESET)\r\n");
    expect(terminal.printed).not.toContain("    at ");
  });

  test("fails when nothing comes back for --timeout", async () => {
    await using server = await swallows();
    const flags = ["--timeout", "50ms"];
    await using terminal = new Pty(sounder("client", server.address, ...flags));
    await terminal.shows(">");
    terminal.type("hello\r");
    expect(await terminal.child.exited).toBe(1);
    await terminal.prints("for 50.0 ms, after 0 of 6 bytes (ETIMEDOUT)\r\n");
  });
});
