import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";

import { merge, attributed } from "../../src/result/merge.ts";
import type { NamedResult, Result } from "../../src/result/result.ts";
import { resultOf, serviceTimes, timesOfSamples } from "../support/result.ts";

const SECONDS = 3;

function named(results: readonly Result[]): NamedResult[] {
  return results.map((result, index) => ({ name: `${index}.json`, result }));
}

/** Who measured which message, in which second, and how long it took. */
const shared = fc.record({
  machines: fc.integer({ min: 1, max: 4 }),
  samples: fc.array(
    fc.record({
      machine: fc.nat(3),
      second: fc.nat(SECONDS - 1),
      us: fc.oneof(
        { weight: 4, arbitrary: fc.integer({ min: 0, max: 2 ** 31 - 1 }) },
        // It never came back.
        { weight: 1, arbitrary: fc.constant(Infinity) },
      ),
    }),
    { maxLength: 200 },
  ),
  /** Around a second's turn, each clock was some milliseconds off. */
  offsets: fc.array(fc.integer({ min: -150, max: 150 }), {
    minLength: 4,
    maxLength: 4,
  }),
});

type Shared = typeof shared extends fc.Arbitrary<infer T> ? T : never;

function secondsOf(samples: Shared["samples"]): number[][] {
  const seconds: number[][] = Array.from({ length: SECONDS }, () => []);
  for (const { second, us } of samples) seconds[second]!.push(us);
  return seconds;
}

function splitUp({ machines, samples, offsets }: Shared): Result[] {
  return Array.from({ length: machines }, (_, machine) => {
    const own = samples.filter((one) => one.machine % machines === machine);
    return resultOf(secondsOf(own), {
      started: new Date(1.8e12 + offsets[machine]!).toISOString(),
      errors: own.length > 20 ? { ECONNRESET: 1, ETIMEDOUT: machine } : {},
      warnings: own.length % 2 === 0 ? [`${machine} was late`] : [],
      faults: own.slice(0, 2).map(({ second }, index) => ({
        connection: second,
        offset: index,
        kind: "changed",
        text: "a byte",
      })),
      goals: [{ goal: "p99<1s", measured: own.length, met: own.length < 50 }],
    });
  });
}

/** Floating-point sums depend on their order in the last digit. */
function rounded(result: Result): Result {
  const { messages, bytes, planned } = result.rate;
  const round = (value: number) => Math.round(value * 1e6) / 1e6;
  return {
    ...result,
    rate: { planned, messages: round(messages), bytes: round(bytes) },
  };
}

describe("merge()", () => {
  test("tells each reason once, where its parts tell any", () => {
    const parts = ["b", "a", "b"].map((why) =>
      resultOf([[1]], { verdict: "fail", reasons: [why] }),
    );
    expect(merge(named(parts)).reasons).toEqual(["a", "b"]);
    expect(merge(named([resultOf([[1]])]))).not.toHaveProperty("reasons");
  });

  test("of the parts of a run makes the run", () => {
    fc.assert(
      fc.property(shared, (parts) => {
        const merged = merge(named(splitUp(parts)));
        const whole = resultOf(secondsOf(parts.samples));
        expect(merged.latency).toEqual(whole.latency);
        expect(merged.messages).toEqual(whole.messages);
        expect(merged.bytes).toEqual(whole.bytes);
        expect(merged.rate.messages).toBeCloseTo(whole.rate.messages, 6);
        const countsIn = ({ series }: Result) =>
          series.map(({ messages, unanswered }) => ({ messages, unanswered }));
        expect(countsIn(merged)).toEqual(countsIn(whole));
      }),
      { seed: 1, numRuns: 40 },
    );
  });

  test("does not depend on the order", () => {
    fc.assert(
      fc.property(shared, (parts) => {
        const results = named(splitUp(parts));
        expect(rounded(merge(results.toReversed()))).toEqual(
          rounded(merge(results)),
        );
      }),
      { seed: 2, numRuns: 25 },
    );
  });

  test("may be done in steps", () => {
    fc.assert(
      fc.property(shared, fc.nat(3), (parts, at) => {
        const results = named(splitUp(parts));
        const step = results.slice(0, at + 1);
        const rest = results.slice(at + 1);
        const before = { name: "step.json", result: merge(step) };
        expect(rounded(merge([before, ...rest]))).toEqual(
          rounded(merge(results)),
        );
      }),
      { seed: 3, numRuns: 25 },
    );
  });

  test("of one result is that result", () => {
    const result = resultOf(serviceTimes({ seconds: 2, messages: 100 }));
    expect(merge(named([result]))).toEqual(result);
  });

  test("adds up connections, options and what went wrong", () => {
    const times = serviceTimes({ seconds: 2, messages: 10 });
    const one = resultOf(times);
    const other = resultOf(times, {
      connections: {
        planned: 10,
        opened: 12,
        lost: 2,
        latency: timesOfSamples([7]),
        firstByte: timesOfSamples([]),
      },
      errors: { ECONNRESET: 2 },
      verdict: "fail",
    });
    const { connections, options, errors, verdict } = merge(
      named([one, other]),
    );
    expect(connections).toMatchObject({ planned: 74, opened: 76, lost: 2 });
    expect(connections.latency).toEqual(
      timesOfSamples([120, 140, 155, 180, 240, 7]),
    );
    expect(options).toMatchObject({ connections: 128, workers: 2, size: 64 });
    expect(errors).toEqual({ ECONNRESET: 2 });
    expect(verdict).toBe("fail");
  });

  test("keeps a second's percentiles only where one machine had answers", () => {
    const one = resultOf([[], [5, 5], [5, 5]]);
    const other = resultOf([[9, 9], [], [9, 9]]);
    const { series } = merge(named([one, other]));
    expect(series.map(({ p50 }) => p50)).toEqual([9, 5, null]);
    // One whose messages were all lost had some, too.
    const lossy = resultOf([[9, 9], [Infinity], [9, 9]]);
    const second = merge(named([one, lossy])).series[1]!;
    expect(second).toMatchObject({ messages: 2, unanswered: 1, p50: null });
  });

  test("names the runs of all that have names", () => {
    const uuid = (digit: string) =>
      `${digit.repeat(8)}-0000-4000-8000-000000000000`;
    const [a, b, c] = ["a", "b", "c"].map(uuid) as [string, string, string];
    const one = resultOf([[1]], { runs: [b] });
    const two = resultOf([[1]], { runs: [c, a] });
    const older = resultOf([[1]]);
    expect(merge(named([one, older, two])).runs).toEqual([a, b, c]);
    expect(merge(named([older, older]))).not.toContainKey("runs");
  });

  test("leaves out what is above a percentile of one machine", () => {
    const one = resultOf([[1], [1, 2]], { started: "2026-01-01T00:00:00Z" });
    const late = { ...one, started: "2026-01-01T00:00:01Z" };
    const { series } = merge(named([one, late]));
    expect(series.map((second) => "above" in second)).toEqual([
      false,
      false,
      false,
    ]);
  });

  test("puts seconds where the clocks say that they were", () => {
    const one = resultOf([[1], [1], [1]], { started: "2026-01-01T00:00:00Z" });
    const late = resultOf([[1], [1], [1]], { started: "2026-01-01T00:00:01Z" });
    const merged = merge(named([late, one]));
    expect(merged.started).toBe("2026-01-01T00:00:00.000Z");
    expect(merged.series.map(({ messages }) => messages)).toEqual([1, 2, 2, 1]);
    expect(merged.warnings).toEqual([
      "all machines measured together for 2.0 of 3.0 s, by their clocks: the " +
        "rates that are added were not all there at once",
    ]);
  });

  test("puts seconds together to the nearest one", () => {
    const at = (ms: number) =>
      resultOf([[1], [1], [1]], { started: new Date(ms).toISOString() });
    const merged = (...starts: number[]) =>
      merge(named(starts.map(at))).series.map(({ messages }) => messages);
    // Where a second of the clock turns does not matter.
    for (const start of [0, 498, 499, 500, 501, 999]) {
      expect(merged(start, start + 2)).toEqual([2, 2, 2]);
      expect(merged(start, start + 499)).toEqual([2, 2, 2]);
      expect(merged(start, start + 500)).toEqual([1, 2, 2, 1]);
      expect(merged(start + 999, start)).toEqual([1, 2, 2, 1]);
      expect(merged(start, start + 1499, start + 2)).toEqual([2, 3, 3, 1]);
    }
  });

  describe("of runs that hardly overlap", () => {
    const START = Date.UTC(2026, 0, 1);
    const startedAt = (ms: number) =>
      resultOf(
        Array.from({ length: 10 }, () => [1, 2]),
        { started: new Date(START + ms).toISOString() },
      );
    const merged = (ms: number) => merge(named([startedAt(0), startedAt(ms)]));

    test("refuses those that only touch", () => {
      expect(() => merged(10_000)).toThrow("not measured at the same time");
      expect(() => merged(-10_000)).toThrow("not measured at the same time");
      expect(merged(9999).messages.sent).toBe(40);
      expect(merged(-9999).messages.sent).toBe(40);
    });

    test("warns where less than nine tenths were at once", () => {
      expect(merged(1000).warnings).toEqual([]);
      expect(merged(1001).warnings).toEqual([
        expect.stringContaining("measured together for 9.0 of 10.0 s"),
      ]);
    });
  });

  test("tells the worst of each goal", () => {
    const goal = (measured: number | null, met: boolean) =>
      resultOf([[1, 2]], { goals: [{ goal: "p99<2ms", measured, met }] });
    expect(merge(named([goal(900, true), goal(3100, false)])).goals).toEqual([
      { goal: "p99<2ms", measured: 3100, met: false },
    ]);
    expect(merge(named([goal(null, false), goal(900, true)])).goals).toEqual([
      { goal: "p99<2ms", measured: null, met: false },
    ]);
  });

  test("refuses what is not of one kind, and says what differs", () => {
    const one = resultOf([[1, 2]]);
    const { options } = one;
    const others: [Partial<Result>, string][] = [
      [{ target: "tcp://[::1]:7" }, "target is tcp://127.0.0.1:21567 in"],
      [{ reply: "stamp" }, "reply is raw in 0.json and stamp in 1.json"],
      [{ options: { ...options, size: 65 } }, "size is 64 in"],
      [{ options: { ...options, pipeline: 2 } }, "pipeline is 1 in"],
      [{ options: { ...options, duration: 9 } }, "duration is 1 in"],
      [
        { options: { ...options, messages: 9 } },
        "end is a duration in 0.json and a number of messages in 1.json",
      ],
      [{ options: { ...options, rate: 9 } }, "loop is closed in 0.json and"],
      [{ options: { ...options, arrivals: "poisson" } }, "arrivals is even in"],
      [{ options: { ...options, warmup: 9 } }, "warmup is 1 in"],
      [{ options: { ...options, ramp: 9 } }, "ramp is 0 in"],
      [{ search: { rate: 0, steps: [] } }, "1.json is a search for a rate"],
      [{ started: "2026-11-01T10:05:07Z" }, "not measured at the same time"],
    ];
    for (const [instead, why] of others) {
      const other = resultOf([[1, 2]], instead);
      expect(() => merge(named([one, other]))).toThrow(why);
    }
  });
});

test("merge() keeps what all machines have in common", () => {
  const one: Result = { ...resultOf([[1, 2]]), label: "v1" };
  const other = structuredClone(one);
  const merged = () => merge(named([one, other]));
  expect(merged()).toMatchObject({
    kind: "load",
    label: "v1",
    host: one.host!,
  });
  other.label = "v2";
  other.host!.name = "shore";
  expect(merged()).toMatchObject({ label: null, host: null, instances: null });
  const instance = {
    instance: "1",
    host: "harbour",
    connections: 1,
    messages: 2,
    latency: one.latency,
  };
  other.instances = [instance];
  expect(merged().instances).toEqual([instance]);
  // Of older versions nothing is known.
  delete other.host;
  delete other.label;
  expect(merged()).toMatchObject({ label: null, host: null });
});

test("attributed() says where warnings, reasons and faults come from", () => {
  const result = resultOf([[1, 2]], {
    warnings: ["it was late"],
    reasons: ["1 byte came back wrong"],
    faults: [{ connection: 1, offset: 2, kind: "lost", text: "4 bytes" }],
  });
  const { warnings, reasons, faults } = attributed({
    name: "a.json",
    result,
  }).result;
  expect(warnings).toEqual(["a.json: it was late"]);
  expect(reasons).toEqual(["a.json: 1 byte came back wrong"]);
  expect(faults[0]!.text).toBe("a.json: 4 bytes");
});
