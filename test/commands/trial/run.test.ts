import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";

import { CASES } from "../../../src/trial/cases.ts";
import type { TrialResult } from "../../../src/trial/result.ts";
import { isAlive } from "../../support/alive.ts";
import { noProc } from "../../support/child.ts";
import { Program, run, sounder } from "../../support/cli.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { peerProgram } from "../../support/peer.ts";
import { Pty } from "../../support/pty.ts";
import { trialComplaints } from "../../support/schema.ts";
import { until } from "../../support/until.ts";

const noNcat = peerProgram("ncat") === undefined;

/** A client of our echo that sends a line, and prints what comes back. */
const NCAT = ["--", "sh", "-c", "echo hello | ncat {host} {port}"];

function trial(...args: string[]): string[] {
  return sounder("trial", "echo", ...args, ...NCAT);
}

describe.skipIf(noNcat)("sounder trial", () => {
  test("gives 0 and a page where all cases pass", async () => {
    const { status, stdout, stderr } = await run(trial("--only", "reset,join"));
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toStartWith("sh -c 'echo hello | ncat {host} {port}'\n");
    expect(stdout).toMatch(/^ {2}✓ join {2}exit 0 with the whole output$/m);
    expect(stdout).toMatch(/^ {2}✓ reset {2}exit 1: .+$/m);
    expect(stdout).toEndWith("\nPASS  2 cases passed\n");
  });

  test("gives 1 where one fails, and says in numbers why", async () => {
    const { status, stdout } = await run(trial("--only", "finish,reset"));
    expect(status).toBe(1);
    expect(stdout.replace(/\s+/g, " ")).toContain(
      "✗ finish exit 0 after 3 of 6 bytes: it took a cut answer for a whole one",
    );
    expect(stdout).toContain("\nfinish: finish after 3\n");
    expect(stdout).toContain("\n  printed last:\n    │ hel\n");
    expect(stdout).toEndWith("\nFAIL  1 of 2 cases failed\n");
  });

  test("takes the command's input from a file, or its own", async () => {
    await using folder = await temporaryFolder();
    const file = folder.path("input");
    await Bun.write(file, "x".repeat(5000));
    const command = ["--only=finish", "--json=-", "--", "ncat"];
    const places = ["{host}", "{port}"];
    for (const [input, given] of [
      [file, ""],
      ["-", "x".repeat(5000)],
    ] as const) {
      const { stdout } = await run(
        sounder("trial", "echo", "--input", input, ...command, ...places),
        given,
      );
      const result: TrialResult = JSON.parse(stdout);
      expect(result.baseline).toMatchObject({ request: 5000, printed: 5000 });
      expect(result.cases[0]!.evidence).toContain("2,500 of 5,000 bytes");
    }
  });

  test("runs a command that finds its way in its environment", async () => {
    const script = 'echo hello | ncat "$SOUNDER_HOST" "$SOUNDER_PORT"';
    const command = ["trial", "echo", "--only=reset", "--", "sh", "-c", script];
    expect((await run(sounder(...command))).status).toBe(0);
  });

  test("tries another server, through whose answers it tells bytes", async () => {
    await using server = new Program(
      sounder("server", "127.0.0.1:0", "--reply=raw", "--log=json"),
    );
    const [, port] = await server.says(/127\.0\.0\.1:(\d+)/);
    const { status, stdout } = await run(
      sounder("trial", `:${port}`, "--only=reset", "--json=-", ...NCAT),
    );
    expect(status).toBe(0);
    expect(JSON.parse(stdout).target).toBe(`localhost:${port}`);
  });
});

describe.skipIf(noNcat)("the result of a trial", () => {
  test("as JSON is as its schema says, whatever the verdicts", async () => {
    const only = "finish,reset,no-half-close,late-finish,mute,refuse";
    const { status, stdout, stderr } = await run(
      trial("--only", only, "--timeout=1s", "--json=-"),
    );
    const result: TrialResult = JSON.parse(stdout);
    expect(trialComplaints(result)).toEqual([]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^FAIL {2}\d of 6 cases failed/);
    expect(result.cases.map(({ name }) => name)).toEqual(
      CASES.map(({ name }) => name).filter((name) =>
        only.split(",").includes(name),
      ),
    );
    expect(result.options).toMatchObject({ timeout: 1, repeat: 1, seed: 1 });
  });

  test("goes to files besides the page, and keeps what a client printed", async () => {
    await using folder = await temporaryFolder();
    const [json, junit] = [folder.path("a.json"), folder.path("a.xml")];
    const { stdout } = await run(
      trial("--only=finish", "--json", json, "--junit", junit),
    );
    expect(stdout).toContain("FAIL  1 of 1 case failed");
    const result: TrialResult = await Bun.file(json).json();
    expect(trialComplaints(result)).toEqual([]);
    expect(result.cases[0]!.runs[0]!.stdout).toBe("hel");
    const xml = await Bun.file(junit).text();
    expect(xml).toContain('<testcase classname="sounder.trial" name="finish"');
    expect(xml).toContain('<failure message="exit 0 after 3 of 6 bytes');
  });
});

test("sounder trial --case-list tells every case, with its reasons", async () => {
  const { status, stdout } = await run(sounder("trial", "--case-list"));
  expect(status).toBe(0);
  const listed = [...stdout.matchAll(/^(\S+) \(harm(?:less|ful)\): /gm)];
  expect(listed.map(([, name]) => name!)).toEqual(
    CASES.map(({ name }) => name),
  );
  const some = ["trial", "--case-list", "--only=reset*", "--skip=*-once"];
  const { stdout: few } = await run(sounder(...some));
  expect(few).toMatch(/^reset \(harmful\): reset after \{half\}$/m);
  expect(few).not.toMatch(/^(?:reset-once|finish) /m);
});

describe("a mistake gives 2, and a line that tells it:", () => {
  test.each([
    ["trial", "the target is missing: sounder trial TARGET -- COMMAND..."],
    [
      "trial echo",
      "the command is missing: sounder trial TARGET -- COMMAND...",
    ],
    ["trial a/b -- true", '"a/b" is not an address: "a/b" is not a host'],
    ["trial :0 -- true", '":0" is not a target: nobody listens on port 0'],
    [
      "trial echo --only finnish -- true",
      '--only: "finnish" is no case: did you mean finish?',
    ],
    ["trial echo --skip * -- true", "--only and --skip leave no case"],
    [
      "trial echo curl -s {address}",
      "unknown option '-s': the client's command, with its options, stands behind --",
    ],
    [
      "trial echo --ony reset -- true",
      "unknown option '--ony' (Did you mean --only?)",
    ],
    ["trial echo --repeat 0 -- true", '--repeat: "0" is less than 1'],
    ["trial echo --timeout 0s -- true", '--timeout: "0s" is no time at all'],
    ["trial echo --jobs 0 -- true", '--jobs: "0" is less than 1'],
    [
      "trial echo -- true",
      "the command has no {host}, {port} or {address}, and did not use SOUNDER_HOST and SOUNDER_PORT either: it never connected",
    ],
    [
      "trial echo --json - --junit - -- true",
      "--json and --junit can't both go to standard output",
    ],
  ])("sounder %s", async (line, told) => {
    const { status, stdout, stderr } = await run(sounder(...line.split(" ")));
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toStartWith(`sounder: ${told}`);
    expect(stderr.trimEnd()).not.toContain("\n");
  });
});

describe("what fails gives 1, and a line that tells it:", () => {
  test.each([
    [
      "trial echo -- no-such-client {port}",
      "cannot run no-such-client: no such file (ENOENT)",
    ],
    [
      "trial echo -- false {port}",
      "cannot try faults on false: the command never connected to the address it was given (ENOCLIENT)",
    ],
    [
      "trial echo --input /no/such/file -- true {port}",
      "cannot read /no/such/file: no such file (ENOENT)",
    ],
    [
      "trial echo --json /no/such/folder/x -- true {port}",
      "cannot write /no/such/folder/x: no such folder (ENOENT)",
    ],
  ])("sounder %s", async (line, told) => {
    const { status, stdout, stderr } = await run(sounder(...line.split(" ")));
    expect({ status, stdout, stderr }).toEqual({
      status: 1,
      stdout: "",
      stderr: `sounder: ${told}\n`,
    });
  });
});

describe.skipIf(noNcat || noProc)("sounder trial, interrupted,", () => {
  const STARTED = 'echo $$ >> "$0"; ';

  /** A trial of a client that answers at first, and then hangs. */
  async function hanging(script: string) {
    const folder = await temporaryFolder();
    const pids = folder.path("pids");
    const done = folder.path("baseline");
    const places = [pids, done, "{host}", "{port}"];
    const command = ["--", "sh", "-c", script, ...places];
    const program = new Program(
      sounder("trial", "echo", "--only=reset,finish", "--jobs=2", ...command),
    );
    return {
      program,
      pids: async () =>
        existsSync(pids)
          ? (await Bun.file(pids).text()).trim().split("\n").map(Number)
          : [],
      async [Symbol.asyncDispose]() {
        await program[Symbol.asyncDispose]();
        await folder[Symbol.asyncDispose]();
      },
    };
  }

  async function interrupt(script: string, running: number): Promise<string> {
    await using started = await hanging(script);
    const { program } = started;
    let pids: number[] = [];
    const look = setInterval(async () => (pids = await started.pids()), 20);
    await until(() => pids.length >= running, "the command runs");
    clearInterval(look);
    program.child.kill("SIGINT");
    const stdout = program.child.stdout.text();
    expect(await program.ended()).toBe(130);
    expect(program.said).toBe("");
    await until(() => !pids.some(isAlive), "its processes are gone");
    return stdout;
  }

  test("gives 130, and ends all that it started", async () => {
    // Two runs go well, and are the baseline.
    const script = `${STARTED} echo hello | ncat $2 $3; test $(wc -l < "$0") -le 2 && exit; setsid sh -c 'echo $$ >> "$0"; exec sleep 1000' "$0" & sleep 1000`;
    const page = await interrupt(script, 6);
    expect(page).toBe("");
  });

  test("gives 130 while it runs without a fault, too", async () => {
    const page = await interrupt(`${STARTED} exec sleep 1000`, 1);
    expect(page).toBe("");
  });
});

describe.skipIf(noNcat)("at a terminal", () => {
  test("each case has a line as it finishes, in colour, and then the page", async () => {
    await using pty = new Pty(trial("--only=finish,join,reset", "--jobs=1"));
    await pty.prints("FAIL");
    await pty.child.exited;
    const printed = Bun.stripANSI(pty.printed).replaceAll("\r", "");
    const page = printed.indexOf("sh -c 'echo hello");
    const lines = printed.slice(0, page).trim().split("\n");
    expect(lines[0]).toMatch(/^without a fault it takes \d\.\d\d s$/);
    expect(lines.slice(1).map((line) => line.split(":")[0]!)).toEqual([
      "✓ reset",
      "✗ finish",
      "✓ join",
    ]);
    expect(printed.slice(page)).toContain("✗ finish");
    expect(pty.printed).toContain("\x1b[31m✗\x1b[39m");
  });
});
