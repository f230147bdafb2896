import { describe, expect, test } from "bun:test";

import { findRate } from "../../src/load/find-rate.ts";
import { parseGoal } from "../../src/load/outcome/goals.ts";
import { DEFAULTS, type LoadOptions } from "../../src/load/options.ts";
import { resultOf } from "../../src/load/outcome/outcome.ts";
import { Worker } from "../../src/load/worker/worker.ts";
import { plansOf } from "../../src/load/plan.ts";
import type { Run } from "../../src/load/run.ts";
import type { PackedSecond } from "../../src/load/worker/tally.ts";
import type { Result } from "../../src/result/result.ts";
import { failure } from "../../src/errors/errors.ts";
import { parseEndpoint } from "../../src/address/endpoint.ts";
import { resultOf as measured } from "../support/result.ts";
import { FakeServer } from "../support/fake-dialler.ts";
import { VirtualTime } from "../support/virtual-time.ts";

const goals = [parseGoal("p99<250ms")];
const options: LoadOptions = {
  ...DEFAULTS,
  target: parseEndpoint("127.0.0.1:1"),
};

/**
 * A run against a server that answers one message after the other, whosever it
 * is, and no more than `limit` a second.
 */
async function driven(step: LoadOptions, limit: number): Promise<Run> {
  const server = new FakeServer();
  let free = 0;
  server.onWrite = (wire, bytes) => {
    const { now } = performance;
    free = Math.max(free, now()) + 1000 / limit;
    setTimeout(() => server.echo(wire, bytes.length), free - now());
  };
  const [plan] = plansOf(step, step.target, "raw");
  const seconds: PackedSecond[] = [];
  const tally = await new Worker(
    plan!,
    {
      ready: async () => performance.now(),
      phase() {},
      second: (second) => seconds.push(second),
    },
    { stop: never, cut: never },
    server.dialler,
  ).run();
  const told = { seconds, measuredFrom: 0, interrupted: false };
  return { options: step, reply: "raw", tally, ...told };
}

const never = new AbortController().signal;

/** What a search asks for where each rate up to `limit` meets its goals. */
async function asked(
  given: Partial<LoadOptions>,
  goal = "p99<1ms",
  limit = 1000,
  errors: Record<string, number> = {},
) {
  const steps: LoadOptions[] = [];
  const result = await findRate(
    { ...options, ...given },
    [parseGoal(goal)],
    async (step) => {
      steps.push(step);
      const { rate = limit } = step;
      return measured([[1, 1]], {
        seconds: 1,
        rate: { planned: step.rate ?? null, messages: rate, bytes: rate },
        verdict: rate <= limit ? "pass" : "fail",
        errors,
      });
    },
    new AbortController().signal,
  );
  return { result, steps };
}

describe("findRate()", () => {
  test("finds what a server can do, which keeps its latency", async () => {
    using time = new VirtualTime();
    const limit = 1000;
    const given = { until: { duration: 400 }, warmup: 50, connections: 32 };
    const result = await time.until(
      findRate(
        { ...options, ...given },
        goals,
        async (step) => resultOf(await driven(step, limit), goals, ""),
        new AbortController().signal,
      ),
    );
    const { rate, steps } = result.search!;
    // It lets 250 ms of messages wait, in the 400 ms that a step takes.
    expect(rate).toBeWithin(limit * 0.95, limit * 1.05);
    expect(result.options.rate).toBe(rate);
    expect(result.verdict).toBe("pass");
    expect(result.latency.p99).toBeLessThan(250_000);
    expect(steps.some(({ met }) => !met)).toBe(true);
    for (const step of steps) expect(step.met).toBe(step.rate <= rate);
  });

  test("begins with a quarter of what a closed loop reaches", async () => {
    const { result, steps } = await asked({});
    expect(steps.slice(0, 2).map(({ rate }) => rate)).toEqual([undefined, 250]);
    expect(result.search!.rate).toBe(1000);
  });

  test("measures for as long as a goal's percentile needs", async () => {
    const longest = { until: { duration: 20_000 } };
    const secondsFor = async (goal: string) => {
      const { steps } = await asked(longest, goal);
      return steps.slice(0, 2).map(({ until }) => until);
    };
    // Ten messages beyond the percentile, at 250 a second; 2 s at the least.
    expect(await secondsFor("p99<1ms")).toEqual([
      { duration: 2000 },
      { duration: 4000 },
    ]);
    expect(await secondsFor("p99.9<1ms")).toEqual([
      { duration: 2000 },
      { duration: 20_000 },
    ]);
  });

  test("does not search where bytes are wrong", async () => {
    const rates: (number | undefined)[] = [];
    const result = await findRate(
      options,
      goals,
      async ({ rate }) => {
        rates.push(rate);
        return measured([[1, 1]], {
          bytes: { sent: 128, received: 128, mismatched: 1 },
          verdict: "fail",
        });
      },
      new AbortController().signal,
    );
    expect(rates).toEqual([undefined]);
    expect(result).toMatchObject({
      bytes: { mismatched: 1 },
      search: { rate: 0, steps: [] },
      verdict: "fail",
    });
  });

  test("tells that steps were too short for a goal, and what failed in them", async () => {
    const { result } = await asked(
      { until: { duration: 3000 } },
      "p99.9<1ms",
      1000,
      { ECONNRESET: 2 },
    );
    expect(result.warnings).toEqual([
      "some steps were too short for their goals' percentiles: a longer " +
        "--duration lets them have what they need",
      expect.stringMatching(
        /^steps of the search had errors: \d+ × ECONNRESET \(the peer reset the connection\)$/,
      ),
    ]);
    expect((await asked({})).result.warnings).toEqual([]);
  });

  test("takes no longer than it is given, nor warms up for longer", async () => {
    const { steps } = await asked({ until: { duration: 300 }, warmup: 50 });
    for (const { until, warmup } of steps) {
      expect(until).toEqual({ duration: 300 });
      expect(warmup).toBe(50);
    }
  });

  test("tells what it knew when it was interrupted", async () => {
    const stop = new AbortController();
    const rates: (number | undefined)[] = [];
    const result: Result = await findRate(
      options,
      goals,
      async ({ rate }) => {
        rates.push(rate);
        if (rate === 500) stop.abort();
        const messages = rate ?? 1000;
        return measured([[1, 1]], {
          seconds: 1,
          rate: { planned: rate ?? null, messages, bytes: messages },
        });
      },
      stop.signal,
    );
    expect(rates).toEqual([undefined, 250, 500]);
    expect(result.search!.rate).toBe(250);
    const why = "the search was interrupted: the limit may be elsewhere";
    expect(result.warnings).toEqual([why]);
    expect(result).toMatchObject({ verdict: "fail", reasons: [why] });
  });

  for (const [how, reason] of [
    [
      "was interrupted",
      "the search was interrupted before its first step was complete",
    ],
    ["failed", "the search ended early: cannot connect: "],
  ] as const) {
    test(`tells of the closed loop where its first step ${how}`, async () => {
      const stop = new AbortController();
      const result = await findRate(
        options,
        goals,
        async ({ rate }) => {
          if (rate !== undefined) {
            if (how === "failed")
              throw failure("cannot connect", { code: "ECONNREFUSED" });
            stop.abort();
          }
          return measured([[1, 1]]);
        },
        stop.signal,
      );
      expect(result.messages.received).toBe(2);
      expect(result.search).toEqual({ rate: 0, steps: [] });
      expect(result.verdict).toBe("fail");
      expect(result.reasons).toEqual([expect.stringContaining(reason)]);
    });
  }

  test("says why it failed where the server died after a step that was met", async () => {
    const result = await findRate(
      options,
      goals,
      async ({ rate }) => {
        if (rate === 500)
          throw failure("cannot connect", { code: "ECONNREFUSED" });
        const messages = rate ?? 1000;
        return measured([[1, 1]], {
          seconds: 1,
          rate: { planned: rate ?? null, messages, bytes: messages },
        });
      },
      new AbortController().signal,
    );
    expect(result.search!.rate).toBe(250);
    expect(result.verdict).toBe("fail");
    expect(result.reasons).toEqual([
      expect.stringMatching(
        /^the search ended early: cannot connect: .*REFUSED/,
      ),
    ]);
    expect(result.warnings).toEqual(result.reasons!);
  });

  test("says why no rate was found", async () => {
    const { result } = await asked({}, "p99<1ms", 0.5);
    expect(result.reasons).toEqual(["no rate met the goals"]);
    expect(result.verdict).toBe("fail");
    expect((await asked({})).result.reasons).toEqual([]);
  });
});
