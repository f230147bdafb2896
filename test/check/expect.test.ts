import { describe, expect, test } from "bun:test";

import { DEFAULTS } from "../../src/check/check.ts";
import { judge, parseExpected, reachFor } from "../../src/check/expect.ts";
import { CHECK_NAMES, type NamedFinding } from "../../src/check/finding.ts";
import { STATUSES } from "../../src/check/statuses.ts";

function finding(name: NamedFinding["name"], status: string, value?: number) {
  return {
    name,
    status,
    value,
    rating: "fine",
    text: "so it was seen",
    means: "this would show it",
    evidence: {},
  } satisfies NamedFinding;
}

const met = (text: string, ...found: NamedFinding[]) =>
  judge(parseExpected(text), found).met;

describe("an expectation", () => {
  test("is about a status", () => {
    expect(met("half-close=kept", finding("half-close", "kept"))).toBe(true);
    expect(met("half-close = lost", finding("half-close", "kept"))).toBe(false);
    expect(met("idle!=silent", finding("idle", "none"))).toBe(true);
    expect(met("terminated=unknown", finding("terminated", "unknown"))).toBe(
      true,
    );
  });

  test("is about a figure, in its unit", () => {
    expect(met("idle>350s", finding("idle", "silent", 349))).toBe(false);
    expect(met("idle>350s", finding("idle", "none", 385))).toBe(true);
    expect(met("mtu>=1400", finding("mtu", "1400", 1400))).toBe(true);
    expect(met("limit>100", finding("limit", "64", 64))).toBe(false);
    expect(met("transfer>10MB/s", finding("transfer", "9 MB/s", 9e6))).toBe(
      false,
    );
    expect(met("backends=2", finding("backends", "2", 2))).toBe(true);
  });

  test("on what is unknown is neither met nor missed", () => {
    const told = judge(parseExpected("idle>5s"), [finding("idle", "unknown")]);
    expect(told).toMatchObject({
      met: null,
      found: "it can't be told: so it was seen; this would show it",
    });
    expect(met("half-close=kept", finding("half-close", "unknown"))).toBeNull();
    expect(
      met("half-close!=lost", finding("half-close", "unknown")),
    ).toBeNull();
    expect(met("idle!=unknown", finding("idle", "unknown"))).toBe(false);
    expect(met("idle>5s")).toBeNull();
  });

  test.each([
    ["idel>5s", "did you mean idle?"],
    ["nonsense=kept", "there is no check"],
    ["half-close>5s", "half-close has no figure"],
    ["half-close=kep", "did you mean kept?"],
    ["idle>fast", '"fast" is no figure'],
    ["idle", "no expectation"],
    ["limit>-1", '"-1" is no figure'],
  ])("%s is a mistake", (text, why) => {
    expect(() => parseExpected(text)).toThrow(why);
  });

  test("has checks look as far as it wants", () => {
    const wanted = ["idle>350s", "limit>=500", "lifetime>1h"].map(
      parseExpected,
    );
    const reach = reachFor(DEFAULTS, wanted);
    expect(reach.idle).toBeGreaterThan(350_000);
    expect(reach.connections).toBeGreaterThan(500);
    expect(reach.lifetime).toBeGreaterThan(3_600_000);
    expect(reachFor(DEFAULTS, [])).toEqual(DEFAULTS);
  });
});

test("each check has its statuses", () => {
  expect(Object.keys(STATUSES)).toEqual([...CHECK_NAMES]);
});
