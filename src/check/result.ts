import type { Host } from "../result/result.ts";
import type { NamedFinding } from "./finding.ts";

/** What a check of a path found: docs/check.schema.json describes it. */
export interface CheckResult {
  version: 1;
  kind: "check";
  /** `tcp://127.0.0.1:21567` */
  target: string;
  /** When it began, ISO 8601. */
  started: string;
  /** How long all of it took. */
  seconds: number;
  options: {
    /** Seconds. */
    idle: number;
    lifetime: number | null;
    connections: number;
    /** Bytes each way. */
    transfer: number;
  };
  server: {
    cooperates: boolean;
    /** What it answers: `raw`, `stamp`, `info`; null where it is no echo. */
    reply: string | null;
    /** Those that answered. */
    instances: string[];
  };
  checks: NamedFinding[];
  expectations: Expectation[];
  warnings: string[];
  host: Host;
  label: string | null;
  /** `interrupted`: not every check is there. */
  verdict: "pass" | "fail" | "interrupted";
  /** Why it is `fail`. */
  reasons: string[];
}

/** An `--expect`, and whether it is so; null where that can't be told. */
export interface Expectation {
  expected: string;
  met: boolean | null;
  /** What is the case. */
  found: string;
}
