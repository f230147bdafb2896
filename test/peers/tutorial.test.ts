import { expect, test } from "bun:test";

import { Program, run, sounder } from "../support/cli.ts";
import { echo } from "../support/echo.ts";
import { Pty } from "../support/pty.ts";
import { noPython, peer } from "../support/python.ts";

const STAMP = /\[[A-Z][a-z]{2} [A-Z][a-z]{2} [ 123]\d \d\d:\d\d:\d\d \d{4}\] /g;

test.skipIf(noPython)("the tutorials' client talks to the server", async () => {
  await using server = await echo("stamp");
  const [host, port] = server.address.split(":");
  const said = ["hello", "what a nice day", "x".repeat(997), "bye"];
  const { status, stdout, stderr } = await run(
    peer("tutorial_client", host!, port!),
    `${said.join("\n")}\n\n`,
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout.match(STAMP)).toHaveLength(said.length);
  expect(stdout.replaceAll(STAMP, "").trimEnd().split("\n")).toEqual(said);
});

test.skipIf(noPython)("the client talks to the tutorials' server", async () => {
  await using server = new Program(peer("tutorial_server"));
  const [port] = await server.says(/\d+/);
  const text = "0123456789".repeat(100_000);
  for (const sent of ["hello", text]) {
    const { stdout, ...rest } = await run(sounder("client", port), sent);
    expect(rest).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(STAMP);
    expect(stdout.replaceAll(STAMP, "") === sent).toBe(true);
  }
});

test.skipIf(noPython)(
  "the client at a terminal talks to the tutorials' server",
  async () => {
    await using server = new Program(peer("tutorial_server"));
    const [port] = await server.says(/\d+/);
    await using terminal = new Pty(sounder("client", port));
    await terminal.shows(">");
    terminal.type("hello\r");
    await terminal.shows("> hello", /^\[.{24}\] hello$/, ">");
    terminal.type("\r");
    expect(await terminal.child.exited).toBe(0);
  },
);
