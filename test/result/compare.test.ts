import { describe, expect, test } from "bun:test";

import { compare } from "../../src/result/compare.ts";
import { merge } from "../../src/result/merge.ts";
import type { Result } from "../../src/result/result.ts";
import { searching } from "../support/results.ts";
import { resultOf, type Service, serviceTimes } from "../support/result.ts";

function changes(base: Result, other: Result) {
  const [compared] = compare({ name: "a", result: base }, [
    { name: "b", result: other },
  ]).others;
  return Object.fromEntries(
    compared!.changes.map((change) => [change.measure, change]),
  );
}

function run(service: Service = {}): Result {
  return resultOf(serviceTimes(service));
}

describe("compare()", () => {
  test("calls a tenth slower worse, and a tenth faster better", () => {
    const base = run({ seed: 1 });
    const slower = changes(base, run({ seed: 2, median: 88 }));
    const faster = changes(base, run({ seed: 3, median: 72 }));
    for (const measure of ["p50", "p90", "p99"]) {
      expect(slower[measure]!.verdict).toBe("worse");
      expect(faster[measure]!.verdict).toBe("better");
    }
    expect(slower["p50"]!.change).toBeCloseTo(0.1, 1);
    expect(faster["p50"]!.change).toBeCloseTo(-0.1, 1);
  });

  test("calls a higher rate better", () => {
    const change = changes(run(), run({ seed: 2, messages: 2200 }))["rate"]!;
    expect(change.change).toBeCloseTo(0.1, 6);
    expect(change.verdict).toBe("better");
  });

  test("calls intervals that touch within noise", () => {
    // Seconds that are all alike: the interval is a message to each side.
    const steady = (rate: number) =>
      resultOf(Array.from({ length: 10 }, () => Array<number>(rate).fill(7)));
    const verdict = (before: number, after: number) => {
      const { rate } = changes(steady(before), steady(after));
      return { verdict: rate!.verdict, to: rate!.base.interval![1] };
    };
    expect(verdict(100, 102)).toEqual({ verdict: "within noise", to: 101 });
    expect(verdict(100, 103).verdict).toBe("better");
    expect(verdict(102, 100).verdict).toBe("within noise");
    expect(verdict(103, 100).verdict).toBe("worse");
  });

  test("does not judge rates that were planned differently", () => {
    const at = (planned: number | null, messages: number, seed: number) => {
      const result = run({ seed, messages });
      return { ...result, rate: { ...result.rate, planned } };
    };
    const judged = (base: Result, other: Result) =>
      changes(base, other)["rate"]!.verdict;
    expect(judged(at(2000, 2000, 1), at(2200, 2200, 2))).toBe("planned");
    expect(judged(at(null, 2000, 1), at(2200, 2200, 2))).toBe("planned");
    expect(judged(at(2200, 2200, 1), at(2200, 2000, 2))).toBe("worse");
  });

  test("judges a rate that fell short of its plan by what else was reached", () => {
    const at = (planned: number | null, messages: number, seed: number) => {
      const result = run({ seed, messages });
      return { ...result, rate: { ...result.rate, planned } };
    };
    const judged = (base: Result, other: Result) =>
      changes(base, other)["rate"]!.verdict;
    // What a closed loop reached, or another plan, was not had.
    expect(judged(at(null, 300, 1), at(400, 188, 2))).toBe("worse");
    expect(judged(at(200, 200, 1), at(400, 188, 2))).toBe("worse");
    expect(judged(at(400, 188, 1), at(null, 300, 2))).toBe("better");
    expect(judged(at(null, 150, 1), at(400, 188, 2))).toBe("better");
    // More was asked for, and more came: the base might have, too.
    expect(judged(at(100, 100, 1), at(400, 188, 2))).toBe("unknown");
  });

  test("judges what two searches found by where the limit lies", () => {
    const searched = (rate: number, missed: number[]): Result => ({
      ...searching,
      rate: { ...searching.rate, planned: rate, messages: rate - 0.4 },
      search: {
        rate,
        steps: [rate, ...missed].map((one) => ({
          ...searching.search!.steps[0]!,
          rate: one,
          met: one === rate,
        })),
      },
    });
    const rateOf = (base: Result, other: Result) =>
      changes(base, other)["rate"]!;
    expect(
      rateOf(searched(1000, [1050, 2000]), searched(1100, [1150])),
    ).toMatchObject({
      base: { value: 1000, interval: [1000, 1050] },
      other: { value: 1100, interval: [1100, 1150] },
      verdict: "better",
    });
    const near = rateOf(searched(1000, [1050]), searched(1040, [1090]));
    expect(near.verdict).toBe("within noise");
    // One that was interrupted may have ended anywhere above.
    const open = rateOf(searched(1000, []), searched(1100, [1150]));
    expect(open.base.interval).toEqual([1000, null]);
    expect(open.verdict).toBe("within noise");
    const plain = run();
    expect(rateOf(plain, searched(1000, [1050])).verdict).toBe("planned");
    const { others } = compare({ name: "a", result: searched(1000, []) }, [
      { name: "b", result: searched(1100, []) },
    ]);
    expect(others[0]!.differs).toEqual([]);
  });

  /** Which share of pairs of runs of one kind it takes for different. */
  function mistaken(service: Service): Record<string, number> {
    const runs = Array.from({ length: 40 }, (_, index) => ({
      name: "a",
      result: run({ ...service, seed: (index + 1) * 101 }),
    }));
    const pairs = runs.flatMap((base, index) =>
      compare(base, runs.slice(index + 1)).others.flatMap((one) => one.changes),
    );
    const shares = Object.groupBy(pairs, ({ measure }) => measure);
    return Object.fromEntries(
      Object.entries(shares).map(([measure, of]) => [
        measure,
        of.filter(({ verdict }) => /better|worse/.test(verdict)).length /
          of.length,
      ]),
    );
  }

  const kinds: [string, Service][] = [
    ["that are steady", { messages: 300 }],
    ["whose seconds differ", { messages: 300, drift: 0.1 }],
    ["whose seconds drift", { messages: 300, drift: 0.1, rho: 0.9 }],
    [
      "that drift for long",
      { seconds: 30, messages: 50, drift: 0.1, rho: 0.9 },
    ],
    ["that pause now and then", { pauses: 0.3 }],
    ["that seldom pause", { pauses: 0.1 }],
    ["that do both", { messages: 300, pauses: 0.3, drift: 0.1, rho: 0.9 }],
  ];
  test.each(kinds)("finds runs %s within noise", (_, service) => {
    const shares = mistaken(service);
    for (const measure of ["rate", "p50", "p90", "p99", "p999", "p9999"]) {
      expect([measure, shares[measure]! > 0.08, shares[measure]]).toEqual([
        measure,
        false,
        shares[measure],
      ]);
    }
  });

  test("finds a tenth in half a minute, also where seconds differ", () => {
    for (const drift of [0, 0.02]) {
      const service = { seconds: 30, drift };
      for (let seed = 1; seed < 8; seed += 2) {
        const found = changes(
          run({ ...service, seed }),
          run({ ...service, seed: seed + 1, median: 88 }),
        );
        const verdicts = ["p50", "p90", "p99"].map(
          (key) => found[key]!.verdict,
        );
        expect([seed, ...verdicts]).toEqual([seed, "worse", "worse", "worse"]);
      }
    }
  });

  test("does not take one second's stall for a change", () => {
    const times = serviceTimes({ seed: 2 });
    times[4] = times[4]!.map((us, index) => us + 500 * index);
    const { p99 } = changes(run(), resultOf(times));
    expect(p99!.change).toBeGreaterThan(1000);
    expect(p99!.verdict).toBe("within noise");
  });

  test("does not judge what it has no noise of", () => {
    const result = run();
    const merged = merge([
      { name: "a", result },
      { name: "b", result },
    ]);
    const found = changes(result, merged);
    expect(found["p50"]!.verdict).toBe("unknown");
    expect(found["max"]!.verdict).toBe("unknown");
    expect(found["rate"]!.verdict).toBe("better");
  });

  test("leaves unknown what too few messages tell", () => {
    const { p9999 } = changes(run({ messages: 100 }), run());
    expect(p9999).toMatchObject({
      base: { value: null, interval: null },
      change: null,
      verdict: "unknown",
    });
  });

  test("of nothing with nothing knows nothing", () => {
    const nothing = resultOf(Array.from({ length: 10 }, () => []));
    const { p50, rate } = changes(nothing, nothing);
    expect(p50!.verdict).toBe("unknown");
    expect(rate).toMatchObject({ change: null, verdict: "within noise" });
  });

  test("counts messages without an answer as slower than all others", () => {
    const lossy = (share: number, seed: number) =>
      resultOf(
        serviceTimes({ seed, seconds: 20 }).map((times) =>
          times.map((us, index) =>
            index < share * times.length ? Infinity : us,
          ),
        ),
      );
    // The half of what is left is what six tenths of all were below.
    const { p50, p90, p99, max } = changes(run({ seconds: 20 }), lossy(0.2, 2));
    expect(p50).toMatchObject({ verdict: "worse" });
    expect(p50!.other.interval![1]).toBeGreaterThan(p50!.other.value!);
    for (const change of [p90, p99, max]) {
      expect(change).toMatchObject({
        base: { unanswered: false },
        other: { value: null, interval: null, unanswered: true },
        change: null,
        // A maximum is one sample.
        verdict: change === max ? "unknown" : "worse",
      });
    }
    const answered = changes(lossy(0.2, 2), run({ seconds: 20 }));
    expect(answered["p99"]!.verdict).toBe("better");
    const alike = changes(lossy(0.2, 3), lossy(0.2, 4));
    expect(alike["p50"]!.verdict).toBe("within noise");
    expect(alike["p99"]!.verdict).toBe("within noise");
    expect(changes(lossy(0.05, 5), lossy(0.2, 6))["p50"]!.verdict).toBe(
      "worse",
    );
  });

  test("is not sure of what one bad second lost", () => {
    const times = serviceTimes({ seed: 2 });
    times[4] = times[4]!.map((us, index) => (index < 500 ? Infinity : us));
    const { p99 } = changes(run(), resultOf(times));
    expect(p99).toMatchObject({
      other: { value: null, unanswered: true },
      verdict: "unknown",
    });
  });

  test("knows no limit of a figure that may lie among the unanswered", () => {
    const times = serviceTimes({ seconds: 20 }).map((second) =>
      second.map((us, index) => (index < 199 ? Infinity : us)),
    );
    const { p90 } = changes(run({ seconds: 20 }), resultOf(times));
    expect(p90!.other.value).toBeGreaterThan(0);
    expect(p90!.other.interval![1]).toBeNull();
  });

  test("names what was not the same in the runs", () => {
    const base = run();
    const other = {
      ...base,
      target: "tcp://[::1]:7",
      options: { ...base.options, size: 1024, rate: 5000 },
    };
    const { others } = compare({ name: "a", result: base }, [
      { name: "b", result: other },
    ]);
    expect(others[0]!.differs).toEqual([
      "target: tcp://127.0.0.1:21567 → tcp://[::1]:7",
      "size: 64 → 1,024",
      "rate: none → 5,000",
    ]);
  });

  test("names machines and versions that differ, where they are known", () => {
    const differs = (host: Result["host"], before = base.host) =>
      compare({ name: "a", result: { ...base, host: before! } }, [
        { name: "b", result: { ...base, host: host! } },
      ]).others[0]!.differs;
    const base = run();
    const { host } = base;
    expect(differs({ ...host!, name: "shore", sounder: "0.3.0" })).toEqual([
      "host: sea → shore",
      "sounder: 0.2.0 → 0.3.0",
    ]);
    // An older version's, or a merge of several.
    expect(differs(null)).toEqual([]);
    const { host: _host, ...older } = base;
    expect(
      compare({ name: "a", result: base }, [{ name: "b", result: older }])
        .others[0]!.differs,
    ).toEqual([]);
  });
});
