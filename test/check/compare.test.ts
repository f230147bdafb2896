import { expect, test } from "bun:test";

import { differences } from "../../src/check/compare.ts";
import type { NamedFinding, Rating } from "../../src/check/finding.ts";
import type { CheckResult } from "../../src/check/result.ts";
import { summary } from "../../src/check/summary.ts";

type Some = [
  status: string,
  value?: number | undefined,
  killed?: number | undefined,
  rating?: Rating,
];

function finding(
  name: NamedFinding["name"],
  [status, value, killed, rating = "fine"]: Some,
): NamedFinding {
  const evidence = killed === undefined ? {} : { killed };
  return { name, status, value, rating, text: "", means: "", evidence };
}

function resultOf(...checks: NamedFinding[]): CheckResult {
  const target = "tcp://a:1";
  return {
    target,
    checks,
    verdict: "pass",
    reasons: [],
  } as unknown as CheckResult;
}

test.each<[NamedFinding["name"], Some, Some, string]>([
  ["half-close", ["kept"], ["kept"], "none"],
  ["half-close", ["kept"], ["lost", undefined, undefined, "harmful"], "worse"],
  ["half-close", ["kept"], ["unknown"], "unknown"],
  ["connect", ["ok", 0.0003], ["ok", 0.0019], "none"],
  ["connect", ["ok", 0.01], ["ok", 0.03], "worse"],
  ["transfer", ["10 MB/s", 1e7], ["12 MB/s", 1.2e7], "none"],
  ["transfer", ["10 MB/s", 1e7], ["2 MB/s", 2e6], "worse"],
  ["transfer", ["2 MB/s", 2e6], ["10 MB/s", 1e7], "better"],
  ["backends", ["1", 1], ["2", 2], "other"],
  ["limit", ["64", 64], ["32", 32], "worse"],
  // Brackets that have a time in common.
  ["idle", ["silent", 59, 61], ["silent", 60, 62], "none"],
  ["idle", ["silent", 59, 61], ["silent", 29, 31], "worse"],
  ["idle", ["none", 60], ["none", 5], "none"],
  ["idle", ["none", 3], ["finish", 5, 6], "unknown"],
  ["idle", ["none", 60], ["finish", 5, 6, "notable"], "worse"],
])("%s: %j, then %j: %s", (name, before, after, change) => {
  const found = differences(
    resultOf(finding(name, before)),
    resultOf(finding(name, after)),
  );
  expect(found.map((one) => one.change as string)).toEqual([change]);
});

const ends = (statuses: readonly string[]) =>
  (
    [
      "half-close",
      "server-finish",
      "reset-to-client",
      "reset-to-server",
    ] as const
  ).map((name, index) =>
    finding(name, [
      statuses[index]!,
      undefined,
      undefined,
      statuses[index] === "kept" ? "fine" : "harmful",
    ]),
  );

test("a summary says whose ways these are only where all that shows it is seen", () => {
  const like = (terminated: string, ...statuses: string[]) =>
    summary(
      resultOf(
        ...ends(statuses),
        finding("terminated", [terminated, undefined, undefined, "notable"]),
      ),
    ).split(":")[0];
  expect(like("tcp", "kept", "kept", "finish", "kept")).toBe("HAProxy-like");
  expect(like("tcp", "lost", "lost", "finish", "finish")).toBe(
    "like nginx' stream module",
  );
  expect(like("tcp", "lost", "kept", "finish", "finish")).toBe("like socat");
  expect(like("no", "kept", "kept", "finish", "kept")).not.toBe("HAProxy-like");
  expect(like("tcp", "kept", "kept", "finish", "unknown")).not.toBe(
    "HAProxy-like",
  );
});

test("who ends TLS and who begins it are told apart", () => {
  const result = resultOf(
    finding("terminated", ["tls", undefined, undefined, "notable"]),
  );
  expect(summary(result)).toBe("TCP is terminated, and TLS begins behind");
  expect(summary({ ...result, target: "tls://a:1" })).toBe("TLS is terminated");
});

test("what has no words of its own is told as it was seen", () => {
  const seen = finding("server-finish", [
    "kept",
    undefined,
    undefined,
    "notable",
  ]);
  expect(
    summary(resultOf({ ...seen, text: "only the first half second" })),
  ).toBe("only the first half second");
});
