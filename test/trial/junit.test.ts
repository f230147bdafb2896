import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";

import { printable, printableLines } from "../../src/printable.ts";
import { junit } from "../../src/trial/junit.ts";
import { caseLine, trialPage } from "../../src/trial/page.ts";
import {
  type CaseResult,
  countsOf,
  type TrialResult,
  verdictOf,
} from "../../src/trial/result.ts";
import type { Verdict } from "../../src/trial/verdict.ts";
import { run } from "../support/cli.ts";
import { noPython } from "../support/python.ts";

/** Text that a client could have printed to do harm. */
const HOSTILE =
  "<&\"'>]]>\x1b[31m\u202e\0\x07\ufffe\uffff\ud800 \r\n</failure>";

function caseOf(verdict: Verdict, text = "it died of SIGSEGV"): CaseResult {
  const failed = verdict === "fail";
  return {
    name: `case-${verdict}`,
    kind: "harmful",
    faults: ["finish after 10"],
    imitates: "a crash",
    should: "fail",
    verdict,
    evidence: text,
    seconds: 0.25,
    runs: [
      {
        verdict,
        evidence: text,
        status: failed ? null : 1,
        signal: failed ? "SIGSEGV" : null,
        hung: false,
        seconds: 0.25,
        printed: 3,
        connections: 1,
        acted: [{ connection: 1, fault: "finish after 10", offset: 10 }],
        stdout: failed ? text : "",
        stderr: failed ? `${text}\n` : "",
      },
    ],
  };
}

function resultOf(cases: CaseResult[], command = ["nc"]): TrialResult {
  const counts = countsOf(cases);
  return {
    version: 1,
    kind: "trial",
    target: "echo",
    command,
    seconds: 1.5,
    options: { timeout: 10, repeat: 1, jobs: 2, seed: 1 },
    baseline: {
      seconds: 0.1,
      connections: 1,
      request: 20,
      answer: 20,
      printed: 20,
    },
    warnings: [],
    cases,
    counts,
    verdict: verdictOf(counts, false),
  };
}

/** What Python's parser, which takes no XML that is none, finds in it. */
async function parsed(xml: string): Promise<unknown> {
  const script = `
import json, sys, xml.etree.ElementTree as tree
root = tree.fromstring(sys.stdin.buffer.read())
suite = root.find("testsuite")
def told(case):
    found = [(e.tag, e.get("message"), e.text) for e in case]
    return [case.get("name"), float(case.get("time")), *found]
print(json.dumps([root.tag, suite.attrib, [told(case) for case in suite]]))`;
  const { status, stdout, stderr } = await run(["python3", "-c", script], xml);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return JSON.parse(stdout);
}

describe.skipIf(noPython)("a trial as JUnit's XML", () => {
  test("has a case for each, with its verdict and its reason", async () => {
    const cases = [caseOf("pass"), caseOf("fail"), caseOf("untested", "never")];
    const [root, suite, told] = (await parsed(junit(resultOf(cases)))) as [
      string,
      Record<string, string>,
      unknown[][],
    ];
    expect(root).toBe("testsuites");
    expect(suite).toMatchObject({
      name: "sounder trial echo -- nc",
      tests: "3",
      failures: "1",
      skipped: "1",
      errors: "0",
      time: "1.500",
    });
    expect(told).toEqual([
      ["case-pass", 0.25],
      [
        "case-fail",
        0.25,
        [
          "failure",
          "it died of SIGSEGV",
          expect.stringContaining("finish after 10"),
        ],
      ],
      ["case-untested", 0.25, ["skipped", "never", null]],
    ]);
  });

  test("is valid whatever a client printed", async () => {
    const xml = junit(resultOf([caseOf("fail", HOSTILE)], [HOSTILE]));
    const [, , told] = (await parsed(xml)) as [string, object, unknown[][]];
    expect(told[0]![2]).toEqual([
      "failure",
      expect.stringContaining("<&\"'>]]>\\x1b[31m\\u202e\\x00\\x07"),
      expect.stringContaining("</failure>"),
    ]);
  });

  test("has no character that XML can't have", () => {
    const text = fc.string({ unit: "binary", maxLength: 50 });
    fc.assert(
      fc.property(text, (printed) => {
        const xml = junit(resultOf([caseOf("fail", printed)], [printed]));
        // XML 1.0, 2.2: Char.
        expect(xml).toMatch(
          /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u,
        );
      }),
    );
  });
});

describe("a trial as a page", () => {
  const cases = [caseOf("pass", "exit 1"), caseOf("fail", HOSTILE)];

  test("has nothing of a client's in it that a terminal would obey", () => {
    for (const width of [20, 40, 80, 200]) {
      const plain = trialPage(resultOf(cases, [HOSTILE]), {
        width,
        colour: false,
      });
      expect(plain).toBe(printableLines(plain));
      expect(plain).not.toContain("\t");
      for (const line of plain.split("\n")) {
        expect(Bun.stringWidth(line)).toBeLessThanOrEqual(width);
      }
    }
    const line = caseLine(cases[1]!, false);
    expect(line).toBe(printable(line));
  });

  test("says why, what does it in real life, and what a client should do", () => {
    const page = trialPage(
      resultOf([caseOf("pass", "exit 1"), caseOf("fail")]),
      {
        width: 80,
        colour: false,
      },
    );
    expect(page).toContain("  ✓ case-pass  exit 1\n");
    expect(page).toContain("  ✗ case-fail  it died of SIGSEGV\n");
    expect(page).toContain(
      "case-fail: finish after 10\n  in real life: a crash\n",
    );
    expect(page).toContain(
      "  the fault acted at byte 10 of connection 1 of 1\n",
    );
    expect(page).toContain("  printed last:\n    │ it died of SIGSEGV\n");
    expect(page).toEndWith("\nFAIL  1 of 2 cases failed\n");
    expect(page).not.toContain("\x1b");
  });

  test("has colours where they are wanted, and the same words", () => {
    const result = resultOf(cases);
    const [plain, coloured] = [false, true].map((colour) =>
      trialPage(result, { width: 80, colour }),
    );
    expect(coloured).toContain("\x1b[31m✗\x1b[39m");
    expect(Bun.stripANSI(coloured!)).toBe(plain!);
  });
});

test("the verdict of all is pass only if something was tested", () => {
  const counts = (...verdicts: Verdict[]) =>
    countsOf(verdicts.map((verdict) => ({ verdict })));
  expect(verdictOf(counts("pass", "untested"), false)).toBe("pass");
  expect(verdictOf(counts("pass", "fail"), false)).toBe("fail");
  expect(verdictOf(counts("untested"), false)).toBe("fail");
  expect(verdictOf(counts(), false)).toBe("fail");
  expect(verdictOf(counts("pass"), true)).toBe("interrupted");
});
