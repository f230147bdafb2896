import type { Kind } from "./case.ts";
import type { Verdict } from "./verdict.ts";

/** What a trial found: docs/trial.schema.json describes it. */
export interface TrialResult {
  version: 1;
  kind: "trial";
  /** `echo`, or an address. */
  target: string;
  command: readonly string[];
  /** How long all of it took. */
  seconds: number;
  options: { timeout: number; repeat: number; jobs: number; seed: number };
  baseline: {
    seconds: number;
    connections: number;
    /** Bytes of its busiest connection, toward the server and the client. */
    request: number;
    answer: number;
    /** Bytes of its standard output. */
    printed: number;
  };
  warnings: string[];
  cases: CaseResult[];
  counts: Record<Verdict, number>;
  /** `interrupted`: not every case was tried. */
  verdict: "pass" | "fail" | "interrupted";
}

export interface CaseResult {
  name: string;
  kind: Kind;
  /** As they were given to the proxy. */
  faults: string[];
  imitates: string;
  should: string;
  verdict: Verdict;
  evidence: string;
  seconds: number;
  runs: RunResult[];
}

export interface RunResult {
  verdict: Verdict;
  evidence: string;
  /** Null where a signal ended it, or the trial did. */
  status: number | null;
  signal: string | null;
  /** Whether the trial ended it, since it took too long. */
  hung: boolean;
  seconds: number;
  /** Bytes of its standard output. */
  printed: number;
  connections: number;
  acted: { connection: number; fault: string; offset: number }[];
  /** The last of what it printed, of a run that failed. */
  stdout: string;
  stderr: string;
}

/** Nothing that was tested is nothing that passed. */
export function verdictOf(
  counts: Record<Verdict, number>,
  interrupted: boolean,
): TrialResult["verdict"] {
  if (interrupted) return "interrupted";
  return counts.fail === 0 && counts.pass > 0 ? "pass" : "fail";
}

export function countsOf(
  cases: readonly Pick<CaseResult, "verdict">[],
): Record<Verdict, number> {
  const counts = { pass: 0, fail: 0, untested: 0 };
  for (const { verdict } of cases) counts[verdict] += 1;
  return counts;
}
