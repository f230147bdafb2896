import { describe, expect, test } from "bun:test";
import { hostname } from "node:os";
import * as fc from "fast-check";

import { parseGoal } from "../../../src/load/outcome/goals.ts";
import { DEFAULTS, type LoadOptions } from "../../../src/load/options.ts";
import { resultOf } from "../../../src/load/outcome/outcome.ts";
import type { Run } from "../../../src/load/run.ts";
import {
  Tally,
  type PackedSecond,
  packSecond,
} from "../../../src/load/worker/tally.ts";
import { TimeCounts } from "../../../src/result/times.ts";
import { parseEndpoint } from "../../../src/address/endpoint.ts";

const target = parseEndpoint("127.0.0.1:21567");

/** A run of ten seconds in which all went well, but for what is done to it. */
function outcome(
  change: (tally: Tally) => void = () => {},
  options: Partial<LoadOptions> = {},
  goals: string[] = [],
  seconds: PackedSecond[] = [],
) {
  const tally = new Tally();
  tally.startedAt = Date.UTC(2026, 10, 1, 9, 5, 7, 123);
  tally.seconds = 10;
  tally.busiest = 0.5;
  tally.opened = 64;
  tally.sent = 10_000;
  tally.answered = 10_000;
  for (let n = 0; n < 10_000; n += 1) tally.latency.record(100);
  change(tally);
  const all = { ...DEFAULTS, target, ...options };
  const run: Run = {
    options: all,
    reply: "raw",
    tally,
    seconds,
    measuredFrom: 0,
    interrupted: false,
  };
  return resultOf(run, goals.map(parseGoal), "sounder load");
}

/** Messages that were sent and did not come back. */
function lose(count: number) {
  return (tally: Tally) => void (tally.sent += count);
}

describe("resultOf()", () => {
  test("puts a run in the words of the contract", () => {
    const result = outcome(() => {}, { until: { messages: 10_000 } });
    expect(result).toMatchObject({
      version: 1,
      kind: "load",
      host: {
        name: hostname(),
        cores: navigator.hardwareConcurrency,
        bun: Bun.version,
      },
      label: null,
      instances: null,
      target: "tcp://127.0.0.1:21567",
      reply: "raw",
      options: { connections: 64, duration: null, messages: 10_000, warmup: 1 },
      command: "sounder load",
      started: "2026-11-01T09:05:07.123Z",
      seconds: 10,
      connections: { planned: 64, opened: 64, lost: 0 },
      messages: { sent: 10_000, received: 10_000, unanswered: 0 },
      bytes: { sent: 640_000, received: 640_000, mismatched: 0 },
      rate: { planned: null, messages: 1000, bytes: 64_000 },
      errors: {},
      faults: [],
      warnings: [],
      verdict: "pass",
    });
  });

  test("names each run, so that none is merged twice", () => {
    const [one, other] = [outcome(), outcome()].map(({ runs }) => runs!);
    expect(one).toHaveLength(1);
    expect(one).not.toEqual(other);
  });

  test("has one latency in a closed loop, and two in an open one", () => {
    const closed = outcome();
    expect(closed.service).toEqual(closed.latency);
    const open = outcome((tally) => tally.service.record(5), { rate: 1000 });
    expect(open.service).toMatchObject({ count: 1, max: 5 });
  });

  test("tells of each second what was slower than the run's percentiles", () => {
    const second = (number: number, ...times: number[]) => {
      const latency = new TimeCounts();
      for (const time of times) latency.record(time);
      const { length: messages } = times;
      return packSecond({
        second: number,
        messages,
        errors: 0,
        unanswered: 0,
        latency,
      });
    };
    const seconds = [second(1, 50, 100, 101, 3000), second(2, 7, 8)];
    // Those that never came back are above, too, and in its percentiles.
    seconds.push({ ...second(3, 7, 8), unanswered: 1 });
    seconds.push({ ...second(4, 7), unanswered: 3 });
    const { latency, series } = outcome(() => {}, {}, [], seconds);
    expect(latency).toMatchObject({ p50: 100, p9999: 100 });
    const above = (count: number) => ({
      p50: count,
      p90: count,
      p99: count,
      p999: count,
      p9999: count,
    });
    expect(series).toMatchObject([
      { second: 1, messages: 4, p50: 100, p99: null, above: above(2) },
      { second: 2, messages: 2, p50: 7, p99: null, above: above(0) },
      { second: 3, messages: 2, unanswered: 1, p50: 8, above: above(1) },
      { second: 4, messages: 1, unanswered: 3, p50: null, above: above(3) },
    ]);
  });

  test("fails when anything was lost, wrong, or not to be reached", () => {
    const verdict = (change: (tally: Tally) => void) => outcome(change).verdict;
    expect(verdict(lose(1))).toBe("fail");
    expect(verdict((tally) => (tally.unsent = 1))).toBe("fail");
    expect(verdict((tally) => (tally.mismatched = 1))).toBe("fail");
    expect(verdict((tally) => tally.fail("ECONNREFUSED"))).toBe("fail");
  });

  test("fails when nothing came back, and when nothing was sent", () => {
    const silent = (tally: Tally) => {
      tally.sent = 0;
      tally.latency.counts.fill(0);
    };
    expect(outcome(silent).verdict).toBe("fail");
    expect(outcome(silent, {}, ["errors<50%"]).verdict).toBe("fail");
  });

  test("lets a goal say how many errors are borne, but never wrong bytes", () => {
    const goal = ["errors<1%"];
    expect(outcome(lose(90), {}, goal).verdict).toBe("pass");
    expect(outcome(lose(110), {}, goal).verdict).toBe("fail");
    const unsent = (tally: Tally) => (tally.unsent = 110);
    expect(outcome(unsent, {}, goal).verdict).toBe("fail");
    const wrong = (tally: Tally) => (tally.mismatched = 1);
    expect(outcome(wrong, {}, goal).verdict).toBe("fail");
  });

  test("counts what was never due among the errors, unless it was ended", () => {
    const until = { messages: 11_000 };
    const left = outcome(() => {}, { until }, ["errors<10%"]);
    expect(left.warnings).toEqual([
      "1,000 messages could not be sent: no connection was left",
      "p99 and above can't be told: 1,000 of 11,000 messages had no answer",
    ]);
    expect(left.goals[0]!.measured).toBeCloseTo(1 / 11, 5);
    expect(outcome(() => {}, { until }).verdict).toBe("fail");
  });

  test("says why it fails, and nothing where it passes", () => {
    const reasons = (...args: Parameters<typeof outcome>) =>
      outcome(...args).reasons;
    expect(reasons()).toEqual([]);
    expect(reasons(lose(1))).toEqual(["1 message unanswered"]);
    expect(reasons((tally) => (tally.unsent = 2))).toEqual([
      "2 messages could not be sent",
    ]);
    expect(reasons(() => {}, { until: { messages: 10_500 } })).toEqual([
      "500 messages could not be sent",
    ]);
    const troubled = (tally: Tally) => {
      tally.mismatched = 3;
      tally.lost = 4;
      tally.fail("EMISMATCH");
      tally.fail("EEARLY", 3);
    };
    expect(reasons(troubled)).toEqual([
      "3 bytes came back wrong",
      "4 connections lost",
      "4 errors: 3 × EEARLY (the server finished before its answer was " +
        "complete), 1 × EMISMATCH (the answer is not what was sent)",
    ]);
    const limited = (lost: number) => (tally: Tally) => {
      tally.served = 3;
      tally.unserved = 61;
      tally.lost = lost;
      tally.fail("ECONNRESET", 61);
    };
    const atOnce = "no more than 3 were ever served at once";
    expect(reasons(limited(61))![0]).toBe(`61 connections lost; ${atOnce}`);
    expect(reasons(limited(0))![0]).toEndWith(`; ${atOnce}`);
    expect(reasons(troubled, {}, ["errors<1%"])).toEqual([
      "3 bytes came back wrong",
    ]);
    const silent = (tally: Tally) => void tally.latency.counts.fill(0);
    expect(reasons(silent)).toEqual(["nothing came back"]);
    const goals = ["p99<100us", "mean<1s", "errors<0.5%", "p99.999<1s"];
    expect(reasons(lose(60), {}, goals)).toEqual([
      "p99<100us missed: 100 µs",
      "mean<1s missed: it can't be told",
      "errors<0.5% missed: 0.596 %",
      "p99.999<1s missed: it can't be told",
    ]);
  });

  test("never fails without a reason, nor passes with one", () => {
    fc.assert(
      fc.property(
        fc.record({
          lost: fc.nat(2),
          unsent: fc.nat(2),
          mismatched: fc.nat(2),
          failures: fc.nat(2),
          silent: fc.boolean(),
          goals: fc.subarray([
            "errors<1%",
            "errors<0.001%",
            "p50<1s",
            "max<1us",
          ]),
        }),
        ({ lost, unsent, mismatched, failures, silent, goals }) => {
          const { verdict, reasons } = outcome(
            (tally) => {
              lose(lost)(tally);
              Object.assign(tally, { unsent, mismatched });
              if (failures > 0) tally.fail("ECONNRESET", failures);
              if (silent) tally.latency.counts.fill(0);
            },
            {},
            goals,
          );
          expect(reasons!.length > 0).toBe(verdict === "fail");
        },
      ),
    );
  });

  test("takes the most of unmet messages and failures for its errors", () => {
    // A connection that is lost with its message is one error, not two.
    const both = (tally: Tally) => {
      lose(60)(tally);
      tally.fail("ETIMEDOUT", 50);
    };
    const { goals } = outcome(both, {}, ["errors<1%"]);
    expect(goals[0]!.measured).toBeCloseTo(60 / 10_060, 8);
    const more = outcome(
      (tally) => {
        lose(60)(tally);
        tally.fail("ETIMEDOUT", 70);
      },
      {},
      ["errors<1%"],
    );
    expect(more.goals[0]!.measured).toBeCloseTo(70 / 10_060, 8);
  });

  test("fails when one of the goals is missed", () => {
    const goals = ["p99<101us", "max<100us"];
    expect(outcome(() => {}, {}, goals)).toMatchObject({
      goals: [
        { goal: "p99<101us", measured: 100, met: true },
        { goal: "max<100us", measured: 100, met: false },
      ],
      verdict: "fail",
    });
  });
});

describe("resultOf() warns", () => {
  test("when the generator was the limit of a closed loop", () => {
    const busy = (tally: Tally) => (tally.busiest = 0.97);
    expect(outcome(busy).warnings).toEqual([
      "the generator used 97 % of a core: it, not the server, may be the " +
        "limit (more --workers, up to one a core)",
    ]);
    // An open loop turns while it waits: that says nothing, if it keeps its rate.
    expect(outcome(busy, { rate: 1000 }).warnings).toEqual([]);
    expect(outcome(busy, { rate: 2000 }).warnings).toEqual([
      expect.stringMatching(/^the generator used 97 %/),
      "the planned rate was not reached: 1,000/s of 2,000/s",
    ]);
  });

  test("when the generator was late", () => {
    const late = (us: number) => (tally: Tally) => {
      for (let n = 0; n < 1000; n += 1) tally.pacing.record(n < 980 ? 1 : us);
    };
    expect(outcome(late(1500), { rate: 1000 }).warnings).toEqual([
      "the generator was late itself: 1 % of messages by 1.50 ms or more",
    ]);
    expect(outcome(late(900), { rate: 1000 }).warnings).toEqual([]);
  });

  test("when the planned rate was not reached", () => {
    const achieved = (count: number) => (tally: Tally) =>
      (tally.answered = count);
    expect(outcome(achieved(9900), { rate: 1000 }).warnings).toEqual([
      "the planned rate was not reached: 990/s of 1,000/s",
    ]);
    expect(outcome(achieved(9950), { rate: 1000 }).warnings).toEqual([]);
    // Which side of the end one message falls on is chance.
    expect(outcome(achieved(19), { rate: 2 }).warnings).toEqual([]);
  });

  test("not when chance made a Poisson rate smaller", () => {
    const short = (tally: Tally) => (tally.answered = 9800);
    const options = { rate: 1000, arrivals: "poisson" as const };
    expect(outcome(short, options).warnings).toEqual([]);
    expect(outcome(short, { rate: 1000 }).warnings).toHaveLength(1);
  });

  test("not when the last answers could not have come yet", () => {
    const slow = (tally: Tally) => {
      tally.latency.counts.fill(0);
      for (let n = 0; n < 10_000; n += 1) {
        tally.latency.record(100_000);
        tally.service.record(100_000);
      }
      tally.answered = 9900;
    };
    expect(outcome(slow, { rate: 1000 }).warnings).toEqual([]);
    // Those that waited for a connection could have been sent.
    const waiting = (tally: Tally) => {
      slow(tally);
      tally.service.counts.fill(0);
      tally.service.record(10);
    };
    expect(outcome(waiting, { rate: 1000 }).warnings).toEqual([
      "the planned rate was not reached: 990/s of 1,000/s",
    ]);
  });

  test("when connections did not end as they should", () => {
    expect(outcome((tally) => (tally.unfinished = 2)).warnings).toEqual([
      "2 connections did not end as they should: the server reset them at our " +
        "FIN, or sent none of its own",
    ]);
  });

  test("when messages were never sent", () => {
    expect(outcome((tally) => (tally.unsent = 12)).warnings).toEqual([
      "12 messages could not be sent, since no connection was free",
      "p99.9 and above can't be told: 12 of 10,012 messages had no answer",
    ]);
  });

  test("when connections were fewer than planned, not when all were replaced", () => {
    const lost = (opened: number) => (tally: Tally) => {
      tally.opened = opened;
      tally.lost = 3;
    };
    expect(outcome(lost(66)).warnings).toEqual([
      "connections were lost: 66 opened, 3 lost, 64 planned",
    ]);
    expect(outcome(lost(63)).warnings).toEqual([
      "fewer connections than planned: 63 opened, 3 lost, 64 planned",
    ]);
    expect(outcome(lost(67)).warnings).toEqual([]);
  });

  test("when percentiles have too few samples", () => {
    const few = (count: number) => (tally: Tally) => {
      tally.latency.counts.fill(0);
      for (let n = 0; n < count; n += 1) tally.latency.record(1);
      tally.sent = count;
    };
    // Nor is it told that one of them, lost, is among those.
    const fewAndOneLost = (tally: Tally) => {
      few(50)(tally);
      tally.sent = 51;
    };
    expect(outcome(fewAndOneLost).warnings).toEqual([
      "p99 and above can't be told from 51 messages: measure for longer",
    ]);
    expect(outcome(few(999)).warnings).toEqual([
      "p99.9 and above can't be told from 999 messages: measure for longer",
    ]);
    expect(outcome(few(99)).warnings).toEqual([
      "p99 and above can't be told from 99 messages: measure for longer",
    ]);
    expect(outcome(few(7)).warnings).toEqual([
      "p90 and above can't be told from 7 messages: measure for longer",
    ]);
    expect(outcome(few(1000)).warnings).toEqual([]);
    const goals = ["p99.99<1s", "max<1s"];
    expect(outcome(few(1000), {}, goals).warnings).toEqual([
      "p99.99 and above can't be told from 1,000 messages: measure for longer",
    ]);
  });
});
