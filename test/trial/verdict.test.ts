import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";

import type { Kind } from "../../src/trial/case.ts";
import type { Expected } from "../../src/trial/output.ts";
import {
  judge,
  type Judged,
  type Outcome,
  together,
} from "../../src/trial/verdict.ts";

const KINDS: readonly Kind[] = ["harmless", "harmful"];

function exited(status: number, stdout: Uint8Array | string = ""): Outcome {
  return {
    status,
    signal: null,
    hungFor: null,
    flooded: false,
    stdout: Buffer.from(stdout),
    lastWords: "",
  };
}

function expecting(output: Uint8Array | string): Expected {
  return { bytes: Buffer.from(output), varying: new Set() };
}

function judged(kind: Kind, outcome: Outcome, whole = "answer"): Judged {
  return judge({ kind }, expecting(whole), outcome, true);
}

const output = fc.uint8Array({ maxLength: 20 });
const kind = fc.constantFrom(...KINDS);

const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  fc
    .record({ status: fc.integer({ min: 0, max: 255 }), stdout: output })
    .map(({ status, stdout }) => exited(status, stdout)),
  fc.record({
    status: fc.constant(null),
    signal: fc.constantFrom("SIGSEGV", "SIGABRT", "SIGPIPE", "SIGKILL"),
    hungFor: fc.constant(null),
    flooded: fc.constant(false),
    stdout: output,
    lastWords: fc.string(),
  }),
  fc.record({
    status: fc.constant(null),
    signal: fc.constant(null),
    hungFor: fc.integer({ min: 1, max: 60_000 }),
    flooded: fc.constant(false),
    stdout: output,
    lastWords: fc.string(),
  }),
);

describe("a verdict", () => {
  test("passes only one that ended by itself, and did not call success what is none", () => {
    fc.assert(
      fc.property(
        kind,
        output,
        outcome,
        fc.boolean(),
        (of, whole, end, acted) => {
          const { verdict } = judge({ kind: of }, expecting(whole), end, acted);
          if (verdict !== "pass") return;
          expect(acted).toBe(true);
          expect(end.hungFor).toBeNull();
          expect(end.signal).toBeNull();
          if (end.status === 0) {
            expect(Buffer.compare(end.stdout, whole)).toBe(0);
          } else {
            expect(of).toBe("harmful");
          }
        },
      ),
    );
  });

  test("is pass wherever it ends as without the fault, if that acted", () => {
    fc.assert(
      fc.property(kind, output, (of, whole) => {
        const same = exited(0, whole);
        const expected = expecting(whole);
        expect(judge({ kind: of }, expected, same, true).verdict).toBe("pass");
        expect(judge({ kind: of }, expected, same, false).verdict).toBe(
          "untested",
        );
      }),
    );
  });

  test("of a harmful fault is pass where it fails, of a harmless one it is not", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 128 }), output, (status, got) => {
        const end = exited(status, got);
        expect(judged("harmful", end).verdict).toBe("pass");
        expect(judged("harmless", end).verdict).toBe("fail");
      }),
    );
  });
});

describe("what is said", () => {
  const whole = "x".repeat(65_536);
  const CASES: [string, Outcome, string][] = [
    [
      "of a cut answer",
      exited(0, whole.slice(0, 2048)),
      "exit 0 after 2,048 of 65,536 bytes: it took a cut answer for a whole one",
    ],
    [
      "of no answer",
      exited(0),
      "exit 0 with no output, instead of 65,536 bytes: it took no answer for one",
    ],
    [
      "of a longer one",
      exited(0, `${whole}xx`),
      "exit 0 with 65,538 bytes instead of 65,536: it took surplus bytes for a part of the answer",
    ],
    [
      "of a wrong byte",
      exited(0, `${whole.slice(0, 1000)}y${whole.slice(1001)}`),
      "exit 0 with all 65,536 bytes, wrong from byte 1,000 on: it took a wrong answer for a right one",
    ],
    [
      "of a hang",
      { ...exited(0, whole.slice(0, 7)), status: null, hungFor: 10_000 },
      "still running after 10s, 7 of 65,536 bytes printed: it has no time limit, or a longer one",
    ],
    [
      "of a crash",
      { ...exited(0), status: null, signal: "SIGSEGV" },
      "it died of SIGSEGV",
    ],
    [
      "of a crash behind a shell",
      exited(139),
      "it died of SIGSEGV, as its shell says with exit 139",
    ],
    [
      "of a flood",
      { ...exited(0, whole), status: null, flooded: true },
      "it printed 65,536 bytes, and went on: it was ended",
    ],
  ];
  test.each(CASES)("%s", (_, end, evidence) => {
    for (const of of KINDS) {
      expect(judged(of, end, whole)).toEqual({ verdict: "fail", evidence });
    }
  });

  test("of a failure is its exit status, and why", () => {
    const end = { ...exited(56), lastWords: "curl: (56) Recv failure" };
    expect(judged("harmful", end)).toEqual({
      verdict: "pass",
      evidence: "exit 56: curl: (56) Recv failure",
    });
    expect(judged("harmless", end)).toEqual({
      verdict: "fail",
      evidence: "it failed though all came: exit 56: curl: (56) Recv failure",
    });
  });

  test("of a fault that never acted is what it needs, or how it failed", () => {
    const of = { kind: "harmful", needs: "a client that waits" } as const;
    const never = (end: Outcome) => judge(of, expecting("a"), end, false);
    expect(never(exited(0, "a"))).toEqual({
      verdict: "untested",
      evidence: "the fault never acted: it needs a client that waits",
    });
    expect(never(exited(3))).toEqual({
      verdict: "fail",
      evidence: "before the fault could act: exit 3",
    });
  });
});

describe("of several runs", () => {
  const verdict = fc.constantFrom("pass", "fail", "untested");
  const run = fc.record({ verdict, evidence: fc.string() });

  test("one that fails fails them all, and one that is untested leaves no pass", () => {
    fc.assert(
      fc.property(fc.array(run, { minLength: 1 }), (runs) => {
        const verdicts = runs.map((one) => one.verdict);
        const worst = ["fail", "untested", "pass"].find((one) =>
          verdicts.some((each) => each === one),
        );
        expect<string>(together(runs).verdict).toBe(worst!);
      }),
    );
  });

  test("it is told how many", () => {
    const pass: Judged = { verdict: "pass", evidence: "exit 1" };
    const fail: Judged = { verdict: "fail", evidence: "it died of SIGSEGV" };
    expect(together([pass, fail, pass, fail, pass]).evidence).toBe(
      "2 of 5 runs: it died of SIGSEGV",
    );
    expect(together([pass, pass]).evidence).toBe("exit 1");
  });
});
