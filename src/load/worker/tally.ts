import type { Failure, Mismatch } from "../../result/result.ts";
import { TimeCounts } from "../../result/times.ts";
import { isNumber } from "../../checks.ts";
import type { ErrorCode } from "../../errors/codes.ts";
import {
  InstanceTallies,
  isPackedInstance,
  type PackedInstance,
} from "./instances.ts";

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
 * A second as it is kept, and sent between processes: a kilobyte. What there is
 * to tell of it waits until no message can be late for that.
 */
export interface PackedSecond extends Omit<SecondTally, "latency"> {
  /** By TimeCounts.pack(). */
  latency: Uint8Array;
}

export function packSecond({ latency, ...second }: SecondTally): PackedSecond {
  return { ...second, latency: latency.pack() };
}

/** Makes one second of what all workers saw of it. */
export function mergeSeconds(
  seconds: readonly [PackedSecond, ...PackedSecond[]],
): PackedSecond {
  const [first, ...others] = seconds;
  if (others.length === 0) return first;
  const merged = { ...first, latency: TimeCounts.unpack(first.latency) };
  for (const other of others) {
    merged.messages += other.messages;
    merged.errors += other.errors;
    merged.unanswered += other.unanswered;
    merged.latency.add(TimeCounts.unpack(other.latency));
  }
  return packSecond(merged);
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
  /** Connections that ended, or could not be opened, without a byte back. */
  unserved = 0;
  /** Connections that the server finished when it owed nothing on them. */
  finishedIdle = 0;
  /** Whether what is lost is lost before it would count. */
  warmingUp = false;
  /** Connections that were lost in the warm-up. */
  lostEarly = 0;
  /** Messages that count: due while it was measured. */
  sent = 0;
  /** Messages that came back while it was measured, whenever they were due. */
  answered = 0;
  /** Due, but never sent. */
  unsent = 0;
  /** Messages that count, and were in flight when somebody would not wait. */
  cutInFlight = 0;
  /** Those of `unsent` that were to be sent then. */
  cutUnsent = 0;
  mismatched = 0;
  /** Connections that the server reset at our FIN, or did not finish. */
  unfinished = 0;
  readonly errors = new Map<ErrorCode, number>();
  /** Of the warm-up: they are told, and fail nothing. */
  readonly earlyErrors = new Map<ErrorCode, number>();
  readonly faults: Mismatch[] = [];
  /** The first of each code; `at` is by `performance.now()` until it is told. */
  readonly failures: Failure[] = [];
  readonly latency = new TimeCounts();
  readonly service = new TimeCounts();
  readonly pacing = new TimeCounts();
  readonly connect = new TimeCounts();
  readonly firstByte = new TimeCounts();
  /** Where the server cooperates. */
  readonly instances = new InstanceTallies();

  /** Messages that count, and came back. */
  get received(): number {
    return this.latency.total;
  }

  fail(code: ErrorCode, count = 1): void {
    addTo(this.errors, code, count);
  }

  failEarly(code: ErrorCode, count = 1): void {
    addTo(this.earlyErrors, code, count);
  }

  get failed(): number {
    let sum = 0;
    for (const count of this.errors.values()) sum += count;
    return sum;
  }

  /** What is known of the measuring once it is over. */
  measured(
    known: Pick<
      Tally,
      "startedAt" | "seconds" | "busiest" | "stoodStill" | "answered"
    >,
  ): void {
    Object.assign(this, known);
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
    for (const key of MOST) this[key] = Math.max(this[key], other[key]);
    for (const key of SUMS) this[key] += other[key];
    for (const [code, count] of other.errors) this.fail(code, count);
    for (const [code, count] of other.earlyErrors) this.failEarly(code, count);
    for (const fault of other.faults) {
      if (this.faults.length < FAULTS_TOLD) this.faults.push(fault);
    }
    const failures = [...this.failures, ...other.failures];
    this.failures.length = 0;
    for (const failure of failures.toSorted((a, b) => a.at - b.at)) {
      this.tell(failure);
    }
    for (const key of TIMES) this[key].add(other[key]);
    this.instances.add(other.instances);
  }

  pack(): PackedTally {
    const { startedAt, errors, earlyErrors, faults, failures } = this;
    return {
      numbers: {
        startedAt,
        ...recordOf(MOST, (key) => this[key]),
        ...recordOf(SUMS, (key) => this[key]),
      },
      errors: [...errors],
      earlyErrors: [...earlyErrors],
      faults,
      failures,
      times: recordOf(TIMES, (key) => this[key].pack()),
      instances: this.instances.pack(),
    };
  }

  static unpack(packed: PackedTally): Tally {
    const tally = Object.assign(new Tally(), packed.numbers);
    for (const [code, count] of packed.errors) tally.fail(code, count);
    for (const [code, count] of packed.earlyErrors) {
      tally.failEarly(code, count);
    }
    tally.faults.push(...packed.faults);
    tally.failures.push(...packed.failures);
    for (const key of TIMES)
      tally[key].add(TimeCounts.unpack(packed.times[key]));
    tally.instances.unpack(packed.instances);
    return tally;
  }
}

/** Those of which a load has its workers' largest. */
const MOST = ["seconds", "busiest", "stoodStill"] as const;

/** Those of which it has their sum. */
const SUMS = [
  "opened",
  "lost",
  "lostEarly",
  "served",
  "unserved",
  "finishedIdle",
  "sent",
  "answered",
  "unsent",
  "cutInFlight",
  "cutUnsent",
  "mismatched",
  "unfinished",
] as const;

const TIMES = ["latency", "service", "pacing", "connect", "firstByte"] as const;

/** A tally as it is sent between processes: some kilobytes. */
interface PackedTally {
  numbers: Pick<Tally, "startedAt" | (typeof MOST | typeof SUMS)[number]>;
  errors: [ErrorCode, number][];
  earlyErrors: [ErrorCode, number][];
  faults: Mismatch[];
  failures: Failure[];
  times: Record<(typeof TIMES)[number], Uint8Array>;
  instances: PackedInstance[];
}

/** Whether it is what another process would tell. */
export function isPackedTally(value: unknown): value is PackedTally {
  const { numbers, errors, earlyErrors, faults, failures, times, instances } =
    (value ?? {}) as Partial<PackedTally>;
  return (
    ["startedAt" as const, ...MOST, ...SUMS].every((key) =>
      isNumber(numbers?.[key]),
    ) &&
    [errors, earlyErrors, faults, failures].every(Array.isArray) &&
    Array.isArray(instances) &&
    instances.every(isPackedInstance) &&
    TIMES.every((key) => times?.[key] instanceof Uint8Array)
  );
}

/** Whether it is what another process would tell. */
export function isPackedSecond(value: unknown): value is PackedSecond {
  const { second, messages, errors, unanswered, latency } = (value ??
    {}) as Partial<PackedSecond>;
  return (
    [second, messages, errors, unanswered].every(isNumber) &&
    latency instanceof Uint8Array
  );
}

function addTo(
  counts: Map<ErrorCode, number>,
  code: ErrorCode,
  count: number,
): void {
  counts.set(code, (counts.get(code) ?? 0) + count);
}

function recordOf<Key extends string, Value>(
  keys: readonly Key[],
  valueOf: (key: Key) => Value,
): Record<Key, Value> {
  return Object.fromEntries(keys.map((key) => [key, valueOf(key)])) as Record<
    Key,
    Value
  >;
}
