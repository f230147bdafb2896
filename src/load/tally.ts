import type { Failure, Fault } from "../result/result.ts";
import { TimeCounts } from "../result/times.ts";
import type { ErrorCode } from "../errors/codes.ts";

/** How many faults are told in full. */
export const FAULTS_TOLD = 20;

/** How many failures are told of each code. */
const FAILURES_TOLD = 5;

/** One second as one worker saw it. */
export interface SecondTally {
  /** The first is 1. */
  second: number;
  messages: number;
  errors: number;
  /** Messages that count, and were given up. */
  unanswered: number;
  latency: TimeCounts;
}

/**
 * A second that all workers have told. A long run keeps a kilobyte of it; what
 * there is to tell of it waits until no message can be late for that.
 */
export interface PackedSecond extends Omit<SecondTally, "latency"> {
  /** By TimeCounts.pack(). */
  latency: Uint8Array;
}

export function packSecond({ latency, ...second }: SecondTally): PackedSecond {
  return { ...second, latency: latency.pack() };
}

/** Adds what another worker saw of the same second. */
export function addSecond(one: SecondTally, other: SecondTally): void {
  one.messages += other.messages;
  one.errors += other.errors;
  one.unanswered += other.unanswered;
  one.latency.add(other.latency);
}

/**
 * What one worker counted while it measured: plain numbers, merged by addition.
 * Percentiles are made of it only after that.
 */
export class Tally {
  /** Milliseconds since 1970, when measuring began; the earliest worker's. */
  startedAt = Infinity;
  /** Seconds measured; the longest worker's. */
  seconds = 0;
  /** Processor seconds that this process used meanwhile, over `seconds`. */
  busiest = 0;
  /** Milliseconds for which a process stood still at most, while it measured. */
  stoodStill = 0;
  opened = 0;
  lost = 0;
  /** Connections that were answered, the most that were open at once. */
  served = 0;
  /** Messages that count: due while it was measured. */
  sent = 0;
  /** Messages that came back while it was measured, whenever they were due. */
  answered = 0;
  /** Due, but never sent. */
  unsent = 0;
  mismatched = 0;
  /** Connections that the server reset at our FIN, or did not finish. */
  unfinished = 0;
  readonly errors = new Map<ErrorCode, number>();
  readonly faults: Fault[] = [];
  /** The first of each code; `at` is by `performance.now()` until it is told. */
  readonly failures: Failure[] = [];
  readonly latency = new TimeCounts();
  readonly service = new TimeCounts();
  readonly pacing = new TimeCounts();
  readonly connect = new TimeCounts();
  readonly firstByte = new TimeCounts();

  /** Messages that count, and came back. */
  get received(): number {
    return this.latency.total;
  }

  fail(code: ErrorCode, count = 1): void {
    this.errors.set(code, (this.errors.get(code) ?? 0) + count);
  }

  get failed(): number {
    let sum = 0;
    for (const count of this.errors.values()) sum += count;
    return sum;
  }

  /** Remembers a failure, if it is among the first of its code. */
  tell(failure: Failure): void {
    const told = this.failures.filter(({ code }) => code === failure.code);
    if (told.length < FAILURES_TOLD) this.failures.push(failure);
  }

  /** From here on failures tell seconds since `from`. */
  timeFailures(from: number): void {
    for (const failure of this.failures) {
      failure.at = Math.round(failure.at - from) / 1000;
    }
  }

  add(other: Tally): void {
    this.startedAt = Math.min(this.startedAt, other.startedAt);
    this.seconds = Math.max(this.seconds, other.seconds);
    this.busiest = Math.max(this.busiest, other.busiest);
    this.stoodStill = Math.max(this.stoodStill, other.stoodStill);
    for (const key of SUMS) this[key] += other[key];
    for (const [code, count] of other.errors) this.fail(code, count);
    for (const fault of other.faults) {
      if (this.faults.length < FAULTS_TOLD) this.faults.push(fault);
    }
    const failures = [...this.failures, ...other.failures];
    this.failures.length = 0;
    for (const failure of failures.toSorted((a, b) => a.at - b.at)) {
      this.tell(failure);
    }
    for (const key of TIMES) this[key].add(other[key]);
  }
}

const SUMS = [
  "opened",
  "lost",
  "served",
  "sent",
  "answered",
  "unsent",
  "mismatched",
  "unfinished",
] as const;

const TIMES = ["latency", "service", "pacing", "connect", "firstByte"] as const;

/** What another process sent has no classes any more. */
function reviveTimes(times: TimeCounts): TimeCounts {
  const revived = new TimeCounts();
  revived.add(times);
  return revived;
}

export function reviveSecond(second: SecondTally): SecondTally {
  return { ...second, latency: reviveTimes(second.latency) };
}

export function reviveTally(tally: Tally): Tally {
  const revived = new Tally();
  revived.add(tally);
  return revived;
}
