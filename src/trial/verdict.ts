import { exactDuration, formatCount } from "../units.ts";
import type { Case } from "./case.ts";
import { difference, type Expected } from "./output.ts";

/** How a run of the command ended. */
export interface Outcome {
  /** Its exit status; null if a signal ended it, or we did. */
  status: number | null;
  signal: string | null;
  /** It was ended because it took too long, after so many milliseconds. */
  hungFor: number | null;
  /** It was ended because it printed more than is kept. */
  flooded: boolean;
  stdout: Uint8Array;
  /** A line of its standard error that says why; empty if there is none. */
  lastWords: string;
}

/** `untested`: the fault never acted, which is no pass. */
export type Verdict = "pass" | "fail" | "untested";

export interface Judged {
  verdict: Verdict;
  /** What was seen, in words and numbers. */
  evidence: string;
}

/** A program's own exit statuses seldom go so far: a shell tells signals so. */
const SHELL_SIGNALS: Record<number, string> = {
  131: "SIGQUIT",
  132: "SIGILL",
  133: "SIGTRAP",
  134: "SIGABRT",
  135: "SIGBUS",
  136: "SIGFPE",
  137: "SIGKILL",
  139: "SIGSEGV",
  141: "SIGPIPE",
};

const LONGEST_WORDS = 160;

/** `exit 56: curl: (56) Recv failure`. */
function exitText(status: number, lastWords: string): string {
  if (lastWords === "") return `exit ${status}`;
  const words =
    lastWords.length > LONGEST_WORDS
      ? `${lastWords.slice(0, LONGEST_WORDS)}…`
      : lastWords;
  return `exit ${status}: ${words}`;
}

function partOf(expected: Expected, { stdout }: Outcome): string {
  const whole = expected.bytes.length;
  if (stdout.length === 0) return "nothing printed";
  return `${formatCount(stdout.length)} of ${formatCount(whole)} bytes printed`;
}

/** It did not end by itself, or not by an exit: that is wrong in any case. */
function broken(expected: Expected, outcome: Outcome): string | undefined {
  const { status, signal, hungFor, flooded, stdout } = outcome;
  if (hungFor !== null) {
    return (
      `still running after ${exactDuration(hungFor)}, ` +
      `${partOf(expected, outcome)}: it has no time limit, or a longer one`
    );
  }
  if (flooded) {
    return `it printed ${formatCount(stdout.length)} bytes, and went on: it was ended`;
  }
  if (signal !== null) return `it died of ${signal}`;
  const told = SHELL_SIGNALS[status!];
  return told && `it died of ${told}, as its shell says with exit ${status}`;
}

/** What is wrong with success and this output; undefined if it is the same. */
function wrongSuccess(
  expected: Expected,
  { stdout }: Outcome,
): string | undefined {
  const found = difference(expected, stdout);
  const got = formatCount(stdout.length);
  const whole = formatCount(expected.bytes.length);
  switch (found.is) {
    case "same":
      return undefined;
    case "empty":
      return `exit 0 with no output, instead of ${whole} bytes: it took no answer for one`;
    case "cut":
      return `exit 0 after ${got} of ${whole} bytes: it took a cut answer for a whole one`;
    case "longer":
      return `exit 0 with ${got} bytes instead of ${whole}: it took surplus bytes for a part of the answer`;
    case "altered": {
      const where =
        expected.varying.size === 0
          ? `byte ${formatCount(found.byte)}`
          : `line ${formatCount(found.line)}`;
      const length =
        stdout.length === expected.bytes.length
          ? `all ${whole} bytes`
          : `${got} bytes instead of ${whole}`;
      return `exit 0 with ${length}, wrong from ${where} on: it took a wrong answer for a right one`;
    }
  }
}

/**
 * @param expected what it prints without a fault, with exit status 0
 * @param acted whether the fault did
 */
export function judge(
  { kind, needs }: Pick<Case, "kind" | "needs">,
  expected: Expected,
  outcome: Outcome,
  acted: boolean,
): Judged {
  const { status, lastWords } = outcome;
  const wrong =
    broken(expected, outcome) ??
    (status === 0 ? wrongSuccess(expected, outcome) : undefined);
  if (!acted) return unacted(needs, wrong ?? failureOf(outcome));
  if (wrong !== undefined) return { verdict: "fail", evidence: wrong };
  if (status === 0) {
    const output = expected.bytes.length > 0 ? "the whole" : "no";
    return { verdict: "pass", evidence: `exit 0 with ${output} output` };
  }
  const evidence = exitText(status!, lastWords);
  if (kind === "harmful") return { verdict: "pass", evidence };
  return {
    verdict: "fail",
    evidence: `it failed though all came: ${evidence}`,
  };
}

function failureOf({ status, lastWords }: Outcome): string | undefined {
  return status === 0 ? undefined : exitText(status!, lastWords);
}

/** @param wrong how it ended otherwise than without a fault */
function unacted(needs: string | undefined, wrong: string | undefined): Judged {
  if (wrong !== undefined) {
    return {
      verdict: "fail",
      evidence: `before the fault could act: ${wrong}`,
    };
  }
  const why = needs === undefined ? "" : `: it needs ${needs}`;
  return { verdict: "untested", evidence: `the fault never acted${why}` };
}

const WORST: readonly Verdict[] = ["fail", "untested", "pass"];

/** Of several runs of one case: one that fails fails them all. */
export function together(runs: readonly Judged[]): Judged {
  const verdict = WORST.find((one) => runs.some((run) => run.verdict === one))!;
  const these = runs.filter((run) => run.verdict === verdict);
  const { evidence } = these[0]!;
  return these.length === runs.length
    ? { verdict, evidence }
    : {
        verdict,
        evidence: `${these.length} of ${runs.length} runs: ${evidence}`,
      };
}
