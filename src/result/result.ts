import type { Percentile } from "./percentiles.ts";
import type { Times } from "./times.ts";
import type { ReplyKind } from "../protocol/reply.ts";

/**
 * What `load --json` prints. The keys are stable: others' scripts read them.
 * New ones may come; docs/result.schema.json is the same as JSON Schema.
 */
export interface Result {
  version: 1;
  /** Results of older versions lack it. */
  kind?: "load";
  /** UUIDs: one of a run, all of a merge; results of older versions lack it. */
  runs?: string[];
  /** `tcp://127.0.0.1:21567`, `unix:/run/echo.sock`. */
  target: string;
  reply: ReplyKind;
  options: ResultOptions;
  /** The command line that makes this run again. */
  command: string;
  /** When measuring began, ISO 8601; where runs are merged, the first. */
  started: string;
  /** How long was measured. */
  seconds: number;
  connections: {
    planned: number;
    /** All that were opened, replacements too. */
    opened: number;
    /**
     * Those that ended before the run did, and not in its warm-up; one that the
     * server finished when it owed nothing is not lost.
     */
    lost: number;
    /**
     * The most connections that had had an answer and were open at once; of
     * several workers or machines, the sum. Older versions lack it.
     */
    served?: number;
    /** From connect to connected. */
    latency: Times;
    /** From the first send on a connection to the first byte back. */
    firstByte: Times;
  };
  messages: { sent: number; received: number; unanswered: number };
  bytes: { sent: number; received: number; mismatched: number };
  /** A second; `planned` is null in a closed loop. */
  rate: { planned: number | null; messages: number; bytes: number };
  /** From when a message was due, so that a server's stalls count. */
  latency: Times;
  /** From when a message was sent. */
  service: Times;
  /** How late the generator itself was; no samples in a closed loop. */
  pacing: Times;
  /**
   * Of each process of a cooperating server, what it answered; null where the
   * server does not cooperate. Older versions lack it.
   */
  instances?: Instance[] | null;
  /** How often each error came, by code; those of the warm-up are in `warnings`. */
  errors: Record<string, number>;
  /** When errors came, the first few of each code. Older versions lack it. */
  failures?: Failure[];
  /** Wrong answers, the first few of them, in words. */
  faults: Mismatch[];
  warnings: string[];
  series: Second[];
  goals: GoalResult[];
  /** What `--find-rate` tried, in order of rate; null without it. */
  search: Search | null;
  /** Where it was measured; null of several. Older versions lack it. */
  host?: Host | null;
  /** What `--label` calls it; null without. Older versions lack it. */
  label?: string | null;
  verdict: "pass" | "fail";
  /** Why it failed, a line each; none where it passed. Older versions lack it. */
  reasons?: string[];
}

/** A result, and the name of its file. */
export interface NamedResult {
  name: string;
  result: Result;
}

export interface Instance {
  instance: string;
  host: string;
  connections: number;
  messages: number;
  latency: Times;
}

/** A machine that made load, and with what. */
export interface Host {
  name: string;
  cores: number;
  /** Versions. */
  sounder: string;
  bun: string;
}

export interface ResultOptions {
  connections: number;
  size: number;
  pipeline: number;
  /** Seconds; null where a number of messages was asked for. */
  duration: number | null;
  messages: number | null;
  /** Messages a second; null is a closed loop. */
  rate: number | null;
  arrivals: "even" | "poisson";
  warmup: number;
  ramp: number;
  workers: number;
}

/** An error: on which connection it came, and when. */
export interface Failure {
  code: string;
  connection: number;
  /** Seconds since measuring began; below 0 before that. */
  at: number;
  /** Bytes that had come back on that connection. */
  byte: number;
  /**
   * Seconds since the last of those bytes; without any, since the connection
   * was opened, or since opening it began. Good to 0.05 s.
   */
  silence: number;
  /** Whose error it is, in a merge of several. */
  machine?: string;
}

/** Where the first wrong byte of a connection was, and what was wrong. */
export interface Mismatch {
  connection: number;
  /** Of the first wrong byte in what came back on that connection. */
  offset: number;
  kind: "changed" | "lost" | "repeated" | "reordered" | "swapped" | "surplus";
  text: string;
}

/** One second of a run; the first is 1. Times in microseconds. */
export interface Second {
  second: number;
  messages: number;
  bytes: number;
  p50: number | null;
  p99: number | null;
  errors: number;
  /** Messages given up in it: they count as slower than all with an answer. */
  unanswered?: number;
  /** Results of older versions, and merged ones, lack it. */
  above?: Above;
}

/**
 * How many of a second's messages took longer than the percentile of the whole
 * run, those without an answer too; null where the run has none.
 */
export type Above = Record<Percentile, number | null>;

/** What came of a goal. */
export interface GoalResult {
  /** As it was given: `p99<2ms`. */
  goal: string;
  /** Its limit, as `measured`. Results of older versions lack it. */
  below?: number;
  /** Microseconds, or a share of the messages; null if it can't be told. */
  measured: number | null;
  met: boolean;
}

export interface Search {
  /** The highest rate found that meets every goal, 0 if none does. */
  rate: number;
  steps: SearchStep[];
}

/** A rate that was tried. Times in microseconds. */
export interface SearchStep extends Record<Percentile, number | null> {
  /** Messages a second, planned and achieved. */
  rate: number;
  achieved: number;
  max: number | null;
  met: boolean;
}
