import { describe, expect, test } from "bun:test";
import { chmod } from "node:fs/promises";

import { Program, run, sounder } from "../support/cli.ts";
import { temporaryFolder } from "../support/folder.ts";
import { inExampleNetwork, noLoopback } from "../support/network.ts";
import { peerProgram } from "../support/peer.ts";
import { resultOf, serviceTimes } from "../support/result.ts";

/** The lines that a command's help gives as examples. */
function examplesOf(name: string): string[] {
  const { stdout } = Bun.spawnSync(sounder(name, "--help").filter(Boolean));
  const [, examples = ""] = String(stdout).split("\nExamples:\n");
  const [lines = ""] = examples.split("\n\n");
  return lines
    .split("\n")
    .filter((line) => line.startsWith("  ") && !line.startsWith("   "))
    .map((line) => line.trim().split(/ {2,}/)[0]!);
}

/** Seconds of load that nobody waits for in a test. */
const SHORT = "-d 100ms --warmup 0s";

/** A folder with the files that examples name, and a program `sounder`. */
async function folderOfExamples(more: string) {
  const folder = await temporaryFolder();
  await Bun.write(folder.path("photo.jpg"), new Uint8Array(100_000));
  for (const [seed, name] of [
    "run",
    "one",
    "two",
    "before",
    "after",
  ].entries()) {
    const result = resultOf(serviceTimes({ seed, messages: 100 }));
    await Bun.write(folder.path(`${name}.json`), `${JSON.stringify(result)}\n`);
  }
  const program = folder.path("sounder");
  const words = sounder()
    .map((word) => `'${word}'`)
    .join(" ");
  await Bun.write(
    program,
    `#!/bin/sh\nname=$1; shift; exec ${words} "$name" $FIRST "$@" ${more}\n`,
  );
  await chmod(program, 0o755);
  return folder;
}

/** Runs an example after `before`, where it finds what it needs. */
function shell(
  folder: { path(name: string): string },
  before: string,
  line: string,
) {
  const path = `PATH='${folder.path(".")}':"$PATH"`;
  return inExampleNetwork(
    `cd '${folder.path(".")}'; ${path}; ${before}exec ${line}`,
  );
}

/** An echo server at every address of the examples, once it is there. */
const SERVER =
  "sounder server --reply raw --log off 21567 192.0.2.7:8007 > /dev/null 2>&1 & " +
  "sounder client --retry-for 10s < /dev/null; ";

const noServices = ["ncat", "curl", "redis-server", "redis-cli", "python3"]
  .map(peerProgram)
  .includes(undefined);

/** A web server and Redis, where the examples of trial look for them. */
const SERVICES =
  "python3 -m http.server 8080 > /dev/null 2>&1 & " +
  "redis-server --save '' > /dev/null 2>&1 & " +
  "curl -s --retry 40 --retry-delay 1 --retry-connrefused localhost:8080 > /dev/null; " +
  "until redis-cli ping > /dev/null 2>&1; do sleep 0.1; done; ";

describe.skipIf(noLoopback)("an example of the help works:", () => {
  test.each(examplesOf("server"))("%s", async (line) => {
    await using folder = await folderOfExamples("");
    await using server = new Program(shell(folder, "", line));
    await server.says(/Listening on |"event":"listening"/i);
    server.child.kill("SIGTERM");
    expect(await server.ended()).toBe(0);
  });

  test.each([...examplesOf("client"), ...examplesOf("report")])(
    "%s",
    async (line) => {
      await using folder = await folderOfExamples("");
      const { status, stderr } = await run(shell(folder, SERVER, line));
      expect({ status, stderr }).toEqual({
        status: 0,
        stderr: line.includes("--trace") ? expect.any(String) : "",
      });
    },
  );

  test.each(examplesOf("load"))("%s", async (line) => {
    await using folder = await folderOfExamples("$MORE");
    const before = `${SERVER}export MORE='${SHORT}'; `;
    const { status, stderr } = await run(shell(folder, before, line));
    // Whether a goal is met depends on the machine.
    expect(stderr).not.toContain("sounder:");
    expect(status).toBeWithin(0, line.includes("--goal") ? 2 : 1);
  });

  test.skipIf(noServices).each(examplesOf("trial"))("%s", async (line) => {
    await using folder = await folderOfExamples("");
    const client = folder.path("client");
    const script = 'exec curl -sS "http://$SOUNDER_ADDRESS/photo.jpg"';
    await Bun.write(client, `#!/bin/sh\n${script}\n`);
    await chmod(client, 0o755);
    // The first faults are tried for all, the others would take their time.
    const before = `${SERVICES}export FIRST='--only=reset --only=finish'; `;
    const { status, stdout, stderr } = await run(shell(folder, before, line));
    expect(stderr).toBe("");
    expect(stdout).toMatch(/finish/);
    // Ncat takes a cut answer for a whole one.
    expect(status).toBe(line.includes("ncat") ? 1 : 0);
  });
});
