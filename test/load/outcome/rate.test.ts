import { describe, expect, test } from "bun:test";

import { DEFAULTS, type LoadOptions } from "../../../src/load/options.ts";
import { rateOf } from "../../../src/load/outcome/rate.ts";
import { Tally } from "../../../src/load/worker/tally.ts";
import { parseEndpoint } from "../../../src/address/endpoint.ts";
import { echo } from "../../support/echo.ts";
import { measure } from "../../support/load.ts";
import { delays } from "../../villains/delays.ts";

const target = parseEndpoint("127.0.0.1:1");

interface Counted {
  answered: number;
  seconds: number;
  sent?: number;
  unsent?: number;
  /** Milliseconds that answers took. */
  took?: number;
}

function told(
  { answered, seconds, sent = answered, unsent = 0, took = 1 }: Counted,
  options: Partial<LoadOptions> = {},
): number {
  const tally = new Tally();
  Object.assign(tally, { answered, seconds, sent, unsent });
  for (let n = 0; n < answered; n += 1) tally.latency.record(took * 1000);
  return rateOf({
    options: { ...DEFAULTS, target, ...options },
    reply: "raw",
    tally,
    seconds: [],
    measuredFrom: 0,
    interrupted: false,
  });
}

describe("rateOf()", () => {
  test("has three digits at least", () => {
    expect(told({ answered: 1, seconds: 25 })).toBe(0.04);
    expect(told({ answered: 2, seconds: 3 })).toBe(0.667);
    expect(told({ answered: 100, seconds: 3 })).toBe(33.3);
    expect(told({ answered: 1000, seconds: 3 })).toBe(333.3);
    expect(told({ answered: 1e6, seconds: 3 })).toBe(333_333.3);
    expect(told({ answered: 5, seconds: 0 })).toBe(0);
  });

  test("is what was planned where a message more or less is all", () => {
    const ten = { until: { messages: 10 }, rate: 5 };
    expect(told({ answered: 10, seconds: 1.801 }, ten)).toBe(5);
    expect(told({ answered: 10, seconds: 1.9 }, { rate: 5 })).toBe(5);
    expect(told({ answered: 1, seconds: 25 }, { rate: 0.05 })).toBe(0.05);
    // They were as slow as one another.
    const slow = { answered: 10, seconds: 4.8, took: 3000 };
    expect(told(slow, ten)).toBe(5);
  });

  test("is what was reached where that is less, or by chance", () => {
    const ten = { until: { messages: 10 }, rate: 5 };
    expect(told({ answered: 10, seconds: 4 }, ten)).toBe(2.5);
    expect(told({ answered: 16, seconds: 2 }, { rate: 10 })).toBe(8);
    expect(told({ answered: 1, sent: 2, seconds: 25 }, { rate: 0.08 })).toBe(
      0.04,
    );
    expect(told({ answered: 9, unsent: 1, seconds: 2 }, { rate: 5 })).toBe(4.5);
    const poisson = { rate: 5, arrivals: "poisson" as const };
    expect(told({ answered: 10, seconds: 1.9 }, poisson)).toBe(5.26);
    expect(told({ answered: 10, seconds: 1.9 })).toBe(5.26);
  });
});

describe("a run of few messages tells the rate that was planned:", () => {
  const runs: Record<string, Partial<LoadOptions>> = {
    ten: { rate: 50, until: { messages: 10 } },
    one: { rate: 0.5, until: { messages: 1 } },
    "for some time": { rate: 20, until: { duration: 500 } },
  };
  for (const [name, options] of Object.entries(runs)) {
    test(name, async () => {
      await using server = await echo();
      const run = { ...options, connections: 4, warmup: 100 };
      const { rate, warnings } = await measure(server.address, run);
      expect(rate.messages).toBe(rate.planned!);
      expect(warnings.join()).not.toContain("planned rate");
    });
  }
});

test("a run that is shorter than an answer says how long to measure", async () => {
  await using server = await delays(400);
  const short = {
    connections: 2,
    until: { duration: 100 },
    reply: "raw",
  } as const;
  const none = await measure(server.address, { ...short, warmup: 50 });
  expect(none.messages).toMatchObject({ sent: 0, received: 0 });
  expect(none.reasons).toEqual([
    expect.stringMatching(
      /^nothing was measured: an answer takes 4\d\d ms, so measure for longer$/,
    ),
  ]);
  const late = await measure(server.address, { ...short, warmup: 0 });
  expect(late.messages).toMatchObject({ sent: 2, received: 2 });
  expect(late.warnings.join("\n")).toMatch(
    /^no answer came in the 1\d\d ms that were measured, so there is no rate: they take 4\d\d ms, so measure for longer$/m,
  );
});

test("a run in which no message was due says so", async () => {
  await using server = await echo();
  const { messages, reasons } = await measure(server.address, {
    connections: 1,
    rate: 0.1,
    warmup: 50,
    until: { duration: 100 },
  });
  expect(messages.sent).toBe(0);
  expect(reasons).toEqual([
    "no message was due: at 0.1 a second, measure for longer",
  ]);
});
