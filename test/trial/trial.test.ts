import { describe, expect, test } from "bun:test";

import { CASES } from "../../src/trial/cases.ts";
import { chooseCases } from "../../src/trial/choose.ts";
import type { TrialResult } from "../../src/trial/result.ts";
import { ECHO } from "../../src/trial/echo.ts";
import { trial, type TrialOptions } from "../../src/trial/trial.ts";
import { peerProgram } from "../support/peer.ts";
import { noPython, peer } from "../support/python.ts";

/** Bytes in which no one is like the next. */
const INPUT = Buffer.from(
  Array.from({ length: 4096 }, (_, n) => (n * 7 + (n >> 8)) & 0xff),
);

const NOBODY = { baseline() {}, finished() {} };

function tried(
  command: readonly string[],
  options: Partial<TrialOptions> = {},
): Promise<TrialResult> {
  const given: TrialOptions = {
    target: ECHO,
    approach: {},
    command,
    input: INPUT,
    cases: CASES,
    timeout: 20_000,
    repeat: 1,
    jobs: 12,
    seed: 1,
    ...options,
  };
  return trial(given, NOBODY, new AbortController().signal);
}

function client(how: string): string[] {
  return peer("trial_client", "{host}", "{port}", how);
}

function verdicts({ cases }: TrialResult): Record<string, string> {
  return Object.fromEntries(cases.map(({ name, verdict }) => [name, verdict]));
}

describe.skipIf(noPython)("a client in Python", () => {
  test("that compares what comes, within a time, passes every case", async () => {
    const result = await tried(client("careful"));
    const bad = result.cases.filter(({ verdict }) => verdict !== "pass");
    expect(bad.map(({ name, evidence }) => [name, evidence])).toEqual([]);
    expect(result).toMatchObject({
      target: "echo",
      verdict: "pass",
      counts: { pass: CASES.length, fail: 0, untested: 0 },
      baseline: { connections: 1, request: 4096, answer: 4096, printed: 4096 },
    });
  });

  test("that reads whatever comes, for ever, fails as it should", async () => {
    const cases = chooseCases(
      ["finish", "finish-last", "corrupt", "drop", "repeat", "swap", "mute"],
      [],
    );
    const result = await tried(client("trusting"), {
      cases: [...cases, ...chooseCases(["reset", "slice", "join"], [])],
      timeout: 2000,
    });
    expect(verdicts(result)).toEqual({
      mute: "fail",
      finish: "fail",
      "finish-last": "fail",
      corrupt: "fail",
      drop: "fail",
      repeat: "fail",
      swap: "fail",
      reset: "pass",
      slice: "pass",
      join: "pass",
    });
    const evidence = (name: string) =>
      result.cases.find((one) => one.name === name)!.evidence;
    expect(evidence("finish")).toBe(
      "exit 0 after 2,048 of 4,096 bytes: it took a cut answer for a whole one",
    );
    expect(evidence("corrupt")).toContain("wrong from byte 2,048 on");
    expect(evidence("mute")).toStartWith("still running after 2s");
    expect(result.verdict).toBe("fail");
  });

  test("that crashes fails, whatever its exit status would be", async () => {
    const cases = chooseCases(["finish", "delay"], []);
    const result = await tried(client("crashing"), { cases });
    expect(verdicts(result)).toEqual({ finish: "fail", delay: "pass" });
    expect(result.cases.find(({ name }) => name === "finish")).toMatchObject({
      evidence: "it died of SIGABRT",
      runs: [
        {
          status: null,
          signal: "SIGABRT",
          acted: [{ connection: 1, fault: "finish after 2KiB", offset: 2048 }],
        },
      ],
    });
  });

  test("is tried as often as is asked for", async () => {
    const cases = chooseCases(["reset"], []);
    const result = await tried(client("careful"), { cases, repeat: 3 });
    expect(result.cases[0]!.runs.length).toBe(3);
    expect(result.cases[0]!.verdict).toBe("pass");
  });
});

const noShell = peerProgram("sh") === undefined;
const nc = peerProgram("ncat");

/** What runs a shell's script, with ncat. */
function shell(script: string): string[] {
  return ["sh", "-c", script];
}

describe.skipIf(noPython || nc === undefined)("a fault that never acts", () => {
  test("since the client never does what it needs is no pass", async () => {
    const script =
      "import socket, sys; s = socket.create_connection(sys.argv[1:]); " +
      "s.sendall(b'hello'); print(s.recv(5, socket.MSG_WAITALL))";
    const command = ["python3", "-c", script, "{host}", "{port}"];
    const result = await tried(command, {
      cases: chooseCases(["no-half-close"], []),
    });
    expect(result).toMatchObject({
      counts: { pass: 0, fail: 0, untested: 1 },
      verdict: "fail",
    });
    expect(result.cases[0]!.evidence).toStartWith("the fault never acted: ");
  });

  test("since too few bytes pass is told so", async () => {
    const result = await tried(shell("ncat {host} {port}"), {
      input: Buffer.from("x"),
      cases: chooseCases(["finish", "corrupt-first"], []),
    });
    expect(verdicts(result)).toEqual({
      finish: "untested",
      "corrupt-first": "fail",
    });
    expect(result.cases[0]!.evidence).toBe(
      "without a fault, too few bytes pass for it",
    );
  });
});

describe.skipIf(noShell || nc === undefined)("a command is no good", () => {
  const cases = chooseCases(["reset"], []);

  test.each([
    [
      "that fails itself",
      "ncat {host} {port}; echo an error >&2; exit 3",
      "without a fault it ended with exit 3: an error (EBASELINE)",
    ],
    [
      "that dies",
      "ncat {host} {port}; kill -SEGV $$",
      "without a fault it died of SIGSEGV (EBASELINE)",
    ],
    [
      "that hangs",
      "ncat {host} {port}; exec sleep 1000",
      "without a fault it still ran after 1s: more time with --timeout (EBASELINE)",
    ],
    [
      "that never connects",
      ": {host}",
      "the command never connected to the address it was given (ENOCLIENT)",
    ],
    [
      "whose output can't be compared",
      'ncat {host} {port} > /dev/null; seq 1 "$(date +%S)0"; echo 1',
      "without a fault, two runs print a different number of lines: nothing can be compared (EBASELINE)",
    ],
  ])("%s", async (_, script, why) => {
    const trying = tried(shell(script), { cases, timeout: 1000 });
    expect(trying).rejects.toThrow(`cannot try faults on sh: ${why}`);
    await trying.catch(() => {});
  });

  test("whose target is not there, which is told", async () => {
    const target = { kind: "tcp", host: "127.0.0.1", port: 1 } as const;
    const trying = tried(shell("ncat {host} {port}"), { cases, target });
    expect(trying).rejects.toThrow(
      /^cannot try faults on sh: cannot connect to 127.0.0.1:1: .*\(ECONNREFUSED\)$/,
    );
    await trying.catch(() => {});
  });
});

describe.skipIf(noShell || nc === undefined)("what varies", () => {
  test("from run to run is not compared, and told", async () => {
    const result = await tried(shell("date +%s%N; ncat {host} {port}"), {
      cases: chooseCases(["delay", "finish"], []),
    });
    expect(verdicts(result)).toEqual({ delay: "pass", finish: "fail" });
    expect(result.warnings).toEqual([
      "1 line of the output varies from run to run, and is not compared",
    ]);
  });

  test("nothing that is printed can't be judged, and told", async () => {
    const result = await tried(shell("ncat {host} {port} > /dev/null"), {
      cases: chooseCases(["finish"], []),
    });
    expect(result.warnings[0]).toStartWith("the command prints nothing");
  });
});
