import { describe, expect, test } from "bun:test";
import fc from "fast-check";

import {
  bracketOf,
  contradictions,
  doubtful,
  strays,
} from "../../../src/check/checks/idle/bracket.ts";
import { findingOf } from "../../../src/check/checks/idle/idle.ts";
import {
  bisecting,
  devicesAt,
  rungsBetween,
  rungsUpTo,
} from "../../../src/check/checks/idle/ladder.ts";
import type { Fate } from "../../../src/check/checks/idle/resting.ts";
import { startServer } from "../../../src/server/server.ts";
import { pathTo } from "../../support/path-to.ts";

function fate(seconds: number, result: Fate["result"], round = 0): Fate {
  return {
    seconds,
    direction: "from-client",
    result,
    atUse: true,
    keepalives: 0,
    server: null,
    round,
  };
}

/** What a device that forgets after so many seconds does to each rung. */
const behind = (forgets: number) => (seconds: number) =>
  fate(seconds, seconds < forgets ? "alive" : "silent");

/** What was tried of one direction, and needed no second look. */
const searchedOf = (fates: Fate[]) => ({
  direction: "from-client" as const,
  fates,
  strays: [],
  unsure: [],
  busy: [],
  untried: 0,
});

describe("a ladder", () => {
  test("has what forgets between two of its rungs", () => {
    const times = fc.double({ min: 1.1, max: 59, noNaN: true });
    fc.assert(
      fc.property(times, (forgets) => {
        const { survived, killed } = bracketOf(
          rungsUpTo(60).map(behind(forgets)),
        );
        expect(survived).toBeLessThan(forgets);
        expect(killed!.seconds).toBeGreaterThanOrEqual(forgets);
        // What is tried inside then is known to a twentieth.
        const inside = rungsBetween(survived, killed!.seconds);
        const closer = bracketOf(inside.map(behind(forgets)));
        const most = closer.killed?.seconds ?? killed!.seconds;
        const least = Math.max(closer.survived, survived);
        expect((most - least) / most).toBeLessThan(0.05);
      }),
    );
  });

  test("has a rung just below and above each default that is known", () => {
    const rungs = rungsUpTo(7440);
    for (const forgets of [60, 240, 300, 350, 600, 900, 1200, 3600, 7440]) {
      const { survived, killed } = bracketOf(rungs.map(behind(forgets)));
      expect(survived / forgets).toBeGreaterThan(0.97);
      expect(killed!.seconds / forgets).toBeLessThan(1.03);
      expect(devicesAt(survived, killed!.seconds)).toBeString();
    }
    expect(rungs).toEqual(rungs.toSorted((a, b) => a - b));
    expect(devicesAt(100, 103)).toBeUndefined();
  });

  test("has it with probes that are late, and timers that are not exact", () => {
    const most = fc.double({ min: 1.2, max: 55, noNaN: true });
    const noise = fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true }));
    fc.assert(
      fc.property(most, noise, (forgets, late) => {
        const off = 0.02 * forgets;
        const noisy = (seconds: number) =>
          fate(
            seconds,
            seconds + off * late.next().value < forgets ? "alive" : "silent",
          );
        const climbed = rungsUpTo(60).map(noisy);
        const { survived, killed } = bracketOf(climbed);
        const inside = rungsBetween(survived, killed!.seconds).map(noisy);
        const fates = climbed.concat(inside);
        const closer = bracketOf(fates);
        expect(closer.survived).toBeLessThan(forgets);
        expect(closer.killed!.seconds).toBeGreaterThanOrEqual(forgets - off);
        expect(contradictions(fates)).toEqual([]);
      }),
    );
  });

  test("is tried in the order that tells most where few are served", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 9000, noNaN: true }), (most) => {
        const rungs = rungsUpTo(most);
        const order = bisecting(rungs);
        expect(order[0]).toBe(rungs.at(-1)!);
        expect(order.toSorted((a, b) => a - b)).toEqual(rungs);
      }),
    );
    expect(bisecting([1, 2, 3, 4, 5, 6, 7, 8])).toEqual([
      8, 4, 2, 6, 1, 3, 5, 7,
    ]);
    expect(bisecting([])).toEqual([]);
  });

  test("goes as far as was asked for", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 90_000, noNaN: true }), (most) => {
        const rungs = rungsUpTo(most);
        expect(rungs.at(-1)!).toBeGreaterThanOrEqual(most);
        expect(rungs.at(-1)!).toBeLessThanOrEqual(most * 1.021);
        expect(rungs.length).toBeLessThan(90);
      }),
    );
  });
});

test("those that lived longer than one that died are several devices", async () => {
  await using server = await startServer({ addresses: ["127.0.0.1:0"] });
  const path = await pathTo(server.addresses[0]!);
  const fates = [fate(1, "alive"), fate(2, "silent"), fate(4, "alive")];
  expect(contradictions(fates)).toEqual([fates[2]!]);
  const searched = searchedOf(fates);
  const { status, text, value } = findingOf(path, [searched], null);
  expect({ status, value }).toEqual({ status: "silent", value: 1 });
  expect(text).toContain("several devices, or backends, differ");
});

describe("a death", () => {
  const lone = [fate(1, "alive"), fate(2, "silent"), fate(4, "alive")];

  test("is in doubt until one of another round has died alike", () => {
    expect(doubtful(lone)).toEqual([lone[1]!]);
    expect(doubtful([...lone, fate(2.1, "silent", 1)])).toEqual([]);
    expect(doubtful([...lone, fate(3.9, "silent", 1)])).toContain(lone[1]!);
    expect(doubtful([fate(1, "alive"), fate(2, "alive")])).toEqual([]);
  });

  test("is no other one's, where all of a round ended at once", () => {
    const ended = [2.59, 2.6, 2.61].map((at) => fate(at, "reset"));
    expect(doubtful([fate(1, "alive"), ...ended])).toEqual([ended[0]!]);
  });

  test("goes astray where fresh ones live, and not where one dies", () => {
    const [, died] = lone;
    const live = [fate(2, "alive", 1), fate(2, "alive", 1)];
    expect(strays(lone, died!, live)).toEqual([died!]);
    expect(strays(lone, died!, [...live, fate(2, "silent", 1)])).toEqual([]);
    expect(strays(lone, died!, [])).toEqual([]);
    expect(strays(lone, died!, [fate(1.5, "alive", 1)])).toEqual([]);
  });

  test("that could not be seen again is unknown", async () => {
    await using server = await startServer({ addresses: ["127.0.0.1:0"] });
    const path = await pathTo(server.addresses[0]!);
    const fates = [fate(1, "alive"), fate(2, "silent")];
    const searched = { ...searchedOf(fates), unsure: [fates[1]!] };
    const { status, value, text } = findingOf(path, [searched], null);
    expect({ status, value }).toEqual({ status: "unknown", value: undefined });
    expect(text).toContain("no other could be had");
  });
});

test("keepalives of others make it an at least", async () => {
  await using server = await startServer({ addresses: ["127.0.0.1:0"] });
  const path = await pathTo(server.addresses[0]!);
  const fates = [{ ...fate(30, "alive"), keepalives: 2 }];
  const searched = searchedOf(fates);
  const { status, text, means } = findingOf(path, [searched], null);
  expect(status).toBe("none");
  expect(text).toContain("segments came meanwhile");
  expect(means).toContain("never that long");
});
