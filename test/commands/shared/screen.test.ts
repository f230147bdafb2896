import { describe, expect, test } from "bun:test";

import { connect } from "../../../src/client/connect.ts";
import { sounder } from "../../support/cli.ts";
import { echo } from "../../support/echo.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { Pty } from "../../support/pty.ts";
import { until } from "../../support/until.ts";

/** A command on a terminal of so many columns and rows. */
function sized(columns: number, rows: number, command: string[]): Pty {
  const size = `stty cols ${columns} rows ${rows}`;
  return new Pty(["sh", "-c", `${size}; exec "$@"`, "sh", ...command]);
}

/** The lines that a terminal gets, without colour. */
function linesOf({ printed }: Pty): string[] {
  return Bun.stripANSI(printed).split("\r\n");
}

function widest(terminal: Pty): number {
  return Math.max(...linesOf(terminal).map((line) => Bun.stringWidth(line)));
}

describe.each([
  [0, 0, 80],
  [20, 24, 20],
  [61, 2, 61],
])("on a terminal of %d columns and %d rows", (columns, rows, most) => {
  test("load and report have pages that fit", async () => {
    await using server = await echo();
    await using folder = await temporaryFolder();
    const json = folder.path("result.json");
    // Long enough for what is drawn meanwhile to be there.
    const flags = ["-c2", "-d700ms", "--warmup=0s"];
    const command = sounder("load", server.address, ...flags);
    await using load = sized(columns, rows, [...command, "--json", json]);
    expect(await load.child.exited).toBe(0);
    await load.prints("PASS");
    expect(widest(load)).toBeWithin(15, most + 1);
    await using report = sized(columns, rows, sounder("report", json));
    expect(await report.child.exited).toBe(0);
    await report.prints("PASS");
    expect(widest(report)).toBeWithin(15, most + 1);
    await using help = sized(columns, rows, sounder("load", "--help"));
    expect(await help.child.exited).toBe(0);
  });
});

test("a server serves while its terminal is stopped with Ctrl-S", async () => {
  await using terminal = new Pty(sounder("server", "127.0.0.1:0"));
  await terminal.prints("Ctrl-C stops.");
  const [, address] = /Listening on (\S+);/.exec(terminal.printed)!;
  terminal.type("\u0013");
  for (let count = 0; count < 300; count += 1) {
    await using connection = await connect(address);
    await connection.write(Buffer.from("hello"));
    expect(String(await connection.read())).toEndWith("] hello");
  }
  expect(terminal.printed).not.toContain("#300");
  terminal.type("\u0011");
  await terminal.prints("#300");
});

test("a load measures while its terminal is stopped, and draws nothing old then", async () => {
  await using server = await echo();
  const flags = ["-c2", "-d3s", "--warmup=0s"];
  await using load = new Pty(sounder("load", server.address, ...flags));
  await load.prints("p50");
  load.type("\u0013");
  const stoppedAt = load.printed.length;
  // Its connections end when it has measured.
  await until(() => server.tally.connections.open === 0, "it has measured");
  load.type("\u0011");
  expect(await load.child.exited).toBe(0);
  await load.prints("PASS");
  // What was being drawn, and its erasure; six more were due meanwhile.
  const drawn = load.printed.slice(stoppedAt).split("\u001b[J").length - 1;
  expect(drawn).toBeLessThanOrEqual(2);
});
