import { describe, expect, test } from "bun:test";

import { sounder } from "../../support/cli.ts";
import { conversation, puppet } from "../../support/conversation.ts";
import { echo } from "../../support/echo.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { Pty } from "../../support/pty.ts";
import { until } from "../../support/until.ts";

const LEFT = "\u001b[D";
const CTRL_D = "\u0004";

describe("sounder client prints above what is being typed", () => {
  test("a line", async () => {
    await using server = await puppet();
    await using terminal = await conversation(server.address);
    terminal.type("typing");
    await terminal.shows("> typing");
    terminal.type(`${LEFT}${LEFT}`);
    const atI = () => terminal.screen.cursor.column === 6;
    await until(atI, "it is two to the left");
    server.sockets[0]!.write("news\n");
    await terminal.shows("news", "> typing");
    await until(atI, "it is there again");
    terminal.type("!\r");
    await until(() => server.heard() === "typi!ng\n", "it is sent");
  });

  test("a line, when that is longer than the screen is wide", async () => {
    await using server = await puppet();
    await using terminal = await conversation(server.address);
    const long = "0123456789".repeat(8);
    for (const key of long) {
      const before = terminal.printed.length;
      terminal.type(key);
      await until(() => terminal.printed.length > before, "it is echoed");
    }
    await terminal.shows(`> ${long.slice(0, 68)}`, long.slice(68));
    server.sockets[0]!.write("news\n");
    await terminal.shows("news", `> ${long.slice(0, 68)}`, long.slice(68));
    server.sockets[0]!.write("more\n");
    await terminal.shows(
      "news",
      "more",
      `> ${long.slice(0, 68)}`,
      long.slice(68),
    );
  });
});

test("sounder client --trace tells its steps above what is being typed", async () => {
  await using server = await puppet();
  const { address } = server;
  await using terminal = new Pty(sounder("client", address, "--trace"));
  await terminal.shows(">");
  terminal.type("typing");
  await terminal.shows("> typing");
  server.sockets[0]!.write("news\n");
  await terminal.shows(
    /^ *\+[\d.]+ ms +\(10\) read +5 bytes/,
    "news",
    "> typing",
  );
  terminal.type("\r");
  await terminal.shows("> typing", /^ *\+[\d.]+ ms +\(9\) write +7 bytes/, ">");
});

describe("sounder client prints an answer", () => {
  test("in lines, however it was split, characters too", async () => {
    await using server = await puppet();
    await using terminal = await conversation(server.address);
    const [socket] = server.sockets;
    for (const byte of Buffer.from("ein Stück\nund größer\n")) {
      socket!.write(Buffer.of(byte));
      await Bun.sleep(0);
    }
    await terminal.shows("ein Stück", "und größer", ">");
  });

  test("that has no newline, when nothing follows", async () => {
    await using server = await puppet();
    await using terminal = await conversation(server.address);
    server.sockets[0]!.write("no newline");
    await terminal.shows("no newline", ">");
  });

  test("that could move the cursor harmlessly", async () => {
    await using server = await puppet();
    await using terminal = await conversation(server.address);
    server.sockets[0]!.write("\u001b[2J\u001b]0;owned\u0007\r\u009b1A\ttab\n");
    await terminal.shows(
      "\\x1b[2J\\x1b]0;owned\\x07\\x0d\\x9b1A".concat("tab"),
      ">",
    );
  });

  test("to a file as it is, while someone types at a terminal", async () => {
    await using folder = await temporaryFolder();
    const file = folder.path("answers");
    await using server = await puppet();
    await using terminal = new Pty([
      "sh",
      "-c",
      'exec "$@" > "$0"',
      file,
      ...sounder("client", server.address),
    ]);
    await terminal.shows(">");
    terminal.type("hello\r");
    await until(() => server.heard() === "hello\n", "it is sent");
    await terminal.shows("> hello", ">");
    const answer = Buffer.from([0x1b, 0x5b, 0x32, 0x4a, 0xff, 0x00]);
    server.sockets[0]!.write(answer);
    await until(() => Bun.file(file).size === answer.length, "it is written");
    expect(Buffer.from(await Bun.file(file).bytes())).toEqual(answer);
    terminal.type(CTRL_D);
    expect(await terminal.child.exited).toBe(0);
  });

  test("to a file, when nobody can see a prompt", async () => {
    await using folder = await temporaryFolder();
    const file = folder.path("answers");
    await using server = await echo();
    await using terminal = new Pty([
      "sh",
      "-c",
      'exec "$@" > "$0" 2>&1',
      file,
      ...sounder("client", server.address),
    ]);
    terminal.type("hello\n");
    await until(() => Bun.file(file).size === 6, "it is written");
    terminal.type(CTRL_D);
    expect(await terminal.child.exited).toBe(0);
    expect(await Bun.file(file).text()).toBe("hello\n");
  });
});
