import { expect, test } from "bun:test";

import { checkOpenFiles } from "../../src/load/open-files.ts";
import type { Result } from "../../src/result/result.ts";
import { Program, run, sounder } from "../support/cli.ts";
import { echo } from "../support/echo.ts";
import { peerProgram } from "../support/peer.ts";
import { until } from "../support/until.ts";

test("checkOpenFiles() wants a file for each connection of a process", () => {
  const check = (connections: number, workers: number, limit?: number) => () =>
    checkOpenFiles({ connections, workers }, limit, 12);
  expect(check(80, 1, 100)).not.toThrow();
  expect(check(160, 2, 100)).not.toThrow();
  expect(check(81, 1, 100)).toThrow(
    "cannot open 81 connections: this process may have 100 files open, which " +
      "is enough for 80; raise `ulimit -n`, or spread them over --workers 2 " +
      "(EMFILE)",
  );
  expect(check(161, 2, 100)).toThrow(
    "each worker may have 100 files open, which is enough for 80; raise " +
      "`ulimit -n`, or spread them over --workers 3 (EMFILE)",
  );
  expect(check(1, 1, 20)).toThrow("enough for 0; raise `ulimit -n` (EMFILE)");
});

for (const workers of [1, 2]) {
  test(`load with ${workers} workers says which limit is in its way`, async () => {
    await using server = await echo();
    const flags = [`--workers=${workers}`, "-n2k", "--warmup=0s"];
    const load = (connections: number) => {
      const command = sounder("load", server.address, ...flags);
      return run(limitedTo(100, [...command, "-c", `${connections}`]));
    };
    const refused = await load(2000);
    expect(refused.stderr).toMatch(
      /^sounder: cannot open 2,000 connections: .* 100 files open, .* \(EMFILE\)\n$/,
    );
    expect(refused.status).toBe(1);
    // What it says is enough is so.
    const enough = Number(/enough for (\d+)/.exec(refused.stderr)![1]);
    const { status, stderr } = await load(enough * workers);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    // Two ask before: what it answers, and whether it cooperates.
    expect(server.tally.connections.total).toBe(enough * workers + 2);
  });
}

/** A command that may have so many files open, and can't raise that. */
function limitedTo(files: number, command: string[]): string[] {
  return ["sh", "-c", `ulimit -n ${files}; exec "$@"`, "sh", ...command];
}

const prlimit = peerProgram("prlimit");

test.skipIf(prlimit === undefined)(
  "load tells EMFILE where files run out later all the same",
  async () => {
    await using server = await echo();
    const flags = ["-c40", "--ramp=2s", "--warmup=0s", "-d100ms", "--json=-"];
    await using program = new Program(
      sounder("load", server.address, ...flags),
    );
    await until(() => server.tally.connections.total > 2, "it opens some");
    const limit = ["--pid", `${program.child.pid}`, "--nofile=20:20"];
    await Bun.$`${prlimit!} ${limit}`;
    const result: Result = await program.child.stdout.json();
    expect(await program.ended()).toBe(1);
    expect(Object.keys(result.errors)).toEqual(["EMFILE"]);
    expect(program.said).toContain("EMFILE");
  },
);
