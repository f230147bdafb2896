import { describe, expect, test } from "bun:test";

import { sounder } from "../../support/cli.ts";
import { puppet } from "../../support/conversation.ts";
import { echo } from "../../support/echo.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { Pty } from "../../support/pty.ts";
import { until } from "../../support/until.ts";

const CTRL_D = "\u0004";

/** Who wants no control sequences, or could not obey them. */
const PLAIN = ["TERM=dumb", "TERM=", "-uTERM", "NO_COLOR=1"];

function plainly(setting: string, ...args: string[]): Pty {
  return new Pty(["env", setting, ...sounder(...args)]);
}

/** What was printed has no control sequence in it. */
function expectPlain({ printed }: Pty): void {
  expect(printed).not.toContain("\u001b");
  expect(printed).not.toContain("\u009b");
}

describe.each(PLAIN)("with %s, no control sequence comes from", (setting) => {
  test("a conversation, which works without", async () => {
    await using server = await echo();
    await using terminal = plainly(setting, "client", server.address);
    await terminal.shows(">");
    terminal.type("hello\n");
    await terminal.shows("> hello", "hello", ">");
    terminal.type("caf");
    terminal.child.terminal!.write(Uint8Array.of(0xe9));
    terminal.type("\n");
    await terminal.shows("> hello", "hello", /^> caf/, "caf\ufffd", ">");
    terminal.type("x\n");
    await terminal.shows("> x", "x", ">");
    terminal.type(CTRL_D);
    expect(await terminal.child.exited).toBe(0);
    await terminal.shows("x", ">", "");
    expectPlain(terminal);
  });

  test("a conversation that an empty line ends", async () => {
    await using server = await echo();
    await using terminal = plainly(setting, "client", server.address);
    await terminal.shows(">");
    terminal.type("\n");
    expect(await terminal.child.exited).toBe(0);
    expectPlain(terminal);
  });

  test("a conversation whose server comes first", async () => {
    await using server = await puppet();
    const flags = ["client", server.address, "--trace"];
    await using terminal = plainly(setting, ...flags);
    await terminal.shows(">");
    server.sockets[0]!.write("x\n");
    await terminal.shows(/read +2 bytes/, "x", ">");
    server.sockets[0]!.end();
    expect(await terminal.child.exited).toBe(0);
    await terminal.prints(`${server.address} ended the connection.`);
    expectPlain(terminal);
  });

  test("a conversation that was stopped, whose prompt is back", async () => {
    await using server = await echo();
    await using terminal = plainly(setting, "client", server.address);
    await terminal.shows(">");
    terminal.child.kill("SIGSTOP");
    terminal.child.kill("SIGCONT");
    await terminal.shows("> >");
    terminal.type("hello\n");
    await terminal.shows("> > hello", "hello", ">");
    expectPlain(terminal);
  });

  test("load and report", async () => {
    await using server = await echo();
    await using folder = await temporaryFolder();
    const json = folder.path("result.json");
    const flags = ["-c2", "-d1s", "--warmup=0s"];
    await using load = plainly(setting, "load", server.address, ...flags);
    expect(await load.child.exited).toBe(0);
    await load.prints("PASS");
    expectPlain(load);
    const kept = plainly(
      setting,
      "load",
      server.address,
      "-n9",
      "--json",
      json,
    );
    await using _kept = kept;
    expect(await kept.child.exited).toBe(0);
    for (const more of [[], ["--compare", json.replace("result", "other")]]) {
      await Bun.write(json.replace("result", "other"), Bun.file(json));
      await using report = plainly(setting, "report", json, ...more);
      await report.child.exited;
      await until(() => report.printed.includes("\n"), "it shows a page");
      expectPlain(report);
    }
  });

  test("the progress of --verify", async () => {
    await using server = await puppet();
    const command = sounder("client", "--verify", server.address);
    // Its input is no terminal, and lasts longer than progress needs to begin.
    const script = '{ echo hello; sleep 1.5; } | "$@"';
    const shell = ["sh", "-c", script, "sh", ...command];
    await using terminal = new Pty(["env", setting, ...shell]);
    await until(() => server.heard() === "hello\n", "it is sent");
    server.sockets[0]!.write("hello\n");
    expect(await terminal.child.exited).toBe(0);
    expectPlain(terminal);
  });
});

describe("where control sequences are wanted", () => {
  test("a load is drawn over, and nothing of that is left", async () => {
    await using server = await echo();
    const flags = ["-c2", "-d1500ms", "--warmup=0s"];
    await using load = new Pty(sounder("load", server.address, ...flags));
    await load.prints(" left");
    expect(await load.child.exited).toBe(0);
    await load.prints("PASS");
    expect(load.screen.lines[0]).toBe(`tcp://${server.address}`);
    expect(load.screen.lines.join("\n")).not.toContain(" left");
  });
});
