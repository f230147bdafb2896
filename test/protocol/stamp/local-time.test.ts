import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";

import {
  localTime,
  zoneWarning,
} from "../../../src/protocol/stamp/local-time.ts";
import { ctime } from "../../../src/protocol/stamp/stamper.ts";
import { run } from "../../support/cli.ts";
import { peerProgram } from "../../support/peer.ts";
import { noPython, peer } from "../../support/python.ts";
import { timeZone } from "../../support/time-zone.ts";

/** Names with whole, half and quarter hours and both kinds of DST; what only C
 * reads; and what it does not. */
const ZONES = [
  "UTC",
  "America/New_York",
  "Asia/Kathmandu",
  "Australia/Lord_Howe",
  "Europe/Berlin",
  "Europe/Dublin",
  "Africa/Casablanca",
  "Pacific/Chatham",
  "Pacific/Apia",
  "US/Eastern",
  "EST5EDT",
  "Etc/GMT+5",
  "EST5",
  "UTC+5",
  "UTC0",
  "JST-9",
  "<+0330>-3:30",
  "<-03>3",
  "<+1245>-12:45<+1345>,M9.5.0/2:45,M4.1.0/3:45",
  "CET-1CEST,M3.5.0,M10.5.0/3",
  "EST5EDT,M3.2.0,M11.1.0",
  "EST+5:00:00EDT+4,M3.2.0/02:00:00,M11.1.0/2",
  "AEST-10AEDT,M10.1.0,M4.1.0/3",
  "IST-1GMT0,M10.5.0,M3.5.0/1",
  "IST-2IDT,M3.4.4/26,M10.5.0",
  "XXX3YYY,J60,J300",
  "XXX3YYY,59/1,300/4",
  "XXX3YYY,0/0,J365/23",
  "WGT3WGST,M3.5.0/-2,M10.5.0/-1",
  "XXX0:30:15",
  ":Europe/Berlin",
  ":EST5",
  "/usr/share/zoneinfo/Asia/Tokyo",
  ":/usr/share/zoneinfo/America/St_Johns",
  "posix/Europe/Paris",
  "right/Europe/Paris",
  "europe/berlin",
  "Nowhere/Town",
  "/etc/passwd",
  "/nope",
  "A1",
  "EST",
  "EST25",
  "5",
  "+05:00",
  ":",
  "",
];

/** Seconds since 1970: before it, the turn of years, and after 2038. */
const AT = [-2_000_000_000, -1, 0, 1_709_251_199, 2 ** 31, 4_102_444_799];

type Told = [at: number, text: string][];

/** What C says of each zone, by way of Python. */
async function told(asked: { zone: string; at: number[] }[]): Promise<Told[]> {
  const lines = asked.map((one) => `${JSON.stringify(one)}\n`).join("");
  const { stdout } = await run(peer("local_times"), lines);
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Told);
}

function expectTold(zone: string, instants: Told): void {
  using _zone = timeZone(zone);
  const ours = instants.map(([at]) => [at, ctime(new Date(at * 1000))]);
  expect(ours, zone).toEqual(instants);
}

describe.skipIf(noPython)("localTime()", () => {
  test("localTime() is C's in every zone, around every change of the clock", async () => {
    const random = fc.sample(fc.integer({ min: -(2 ** 31), max: 2 ** 33 }), {
      seed: 1,
      numRuns: 100,
    });
    const at = [...AT, ...random];
    const answers = await told(ZONES.map((zone) => ({ zone, at })));
    expect(answers).toHaveLength(ZONES.length);
    for (const [index, zone] of ZONES.entries()) {
      expectTold(zone, answers[index]!);
    }
    // The test itself sees the changes.
    const berlin = answers[ZONES.indexOf("CET-1CEST,M3.5.0,M10.5.0/3")]!;
    expect(berlin).toHaveLength(at.length + 6 * 4);
  });

  test("localTime() is C's for any rules that POSIX has", async () => {
    const two = (most: number) => fc.integer({ min: 0, max: most });
    const clock = (hours: fc.Arbitrary<number>) =>
      fc
        .tuple(hours, two(59), two(59), fc.integer({ min: 1, max: 3 }))
        .map(([h, m, s, parts]) => [h, m, s].slice(0, parts).join(":"));
    const name = fc.oneof(
      fc.stringMatching(/^[A-Z]{3,5}$/),
      fc.stringMatching(/^<[+-]?[A-Z0-9]{3,5}>$/),
    );
    const day = fc.oneof(
      fc.integer({ min: 1, max: 365 }).map((n) => `J${n}`),
      two(365).map(String),
      fc
        .tuple(
          fc.integer({ min: 1, max: 12 }),
          fc.integer({ min: 1, max: 5 }),
          two(6),
        )
        .map(([month, week, weekday]) => `M${month}.${week}.${weekday}`),
    );
    const rule = fc
      .tuple(day, fc.option(clock(fc.integer({ min: -167, max: 167 }))))
      .map(([when, at]) => (at === null ? when : `${when}/${at}`));
    const signed = fc
      .tuple(fc.constantFrom("", "+", "-"), clock(two(14)))
      .map((parts) => parts.join(""));
    const zone = fc
      .tuple(name, signed, name, fc.option(signed), rule, rule)
      .map(
        ([std, offset, dst, dstOffset, from, to]) =>
          std + offset + dst + (dstOffset ?? "") + `,${from},${to}`,
      );
    const zones = fc.sample(zone, { seed: 2, numRuns: 150 });
    const answers = await told(zones.map((one) => ({ zone: one, at: AT })));
    for (const [index, one] of zones.entries()) {
      expectTold(one, answers[index]!);
    }
  });
});

const date = peerProgram("date");

// Where its rules are broken, glibc goes by the zone before it. Where they are
// missing (CET-1CEST), what it says depends on what it was asked before.
const FRESH = [
  "EST5",
  "CET-1CEST,M3.5.0,M10.5.0/3",
  ":Asia/Tokyo",
  "CET-1CEST,M13.1.0,M10.5.0",
  "CET-1CEST,rubbish",
];

test.skipIf(!date).each(FRESH)(
  "ctime() says what date says in %s, from the start of a process",
  (zone) => {
    // Around the changes of 2026 in Berlin and in New York, and far from them.
    const at = [1_772_956_800, 1_774_746_000, 1_792_891_800, 1_793_516_707]
      .flatMap((edge) => [edge - 1, edge, edge + 1])
      .concat(0, 1_783_000_000, 4_102_444_799);
    const stamp = import.meta.resolve("../../../src/protocol/stamp/stamper.ts");
    const script = `
      import { ctime } from ${JSON.stringify(stamp)};
      for (const at of ${JSON.stringify(at)}) console.log(ctime(new Date(at * 1000)));`;
    const env = { PATH: process.env["PATH"]!, TZ: zone, LC_ALL: "C" };
    const said = (cmd: string[], input = "") =>
      Bun.spawnSync({ cmd, env, stdin: Buffer.from(input) }).stdout.toString();
    const lines = at.map((one) => `@${one}\n`).join("");
    expect(said([process.execPath, "-e", script])).toBe(
      said([date!, "-f", "-", "+%a %b %e %H:%M:%S %Y"], lines),
    );
  },
);

test.skipIf(!date)("localTime() follows a TZ that is taken away", () => {
  const env = { PATH: process.env["PATH"]! };
  const cmd = [date!, "-d", "@0", "+%H:%M"];
  const said = Bun.spawnSync({ cmd, env }).stdout.toString().trim();
  const at = ({ hour, minute } = localTime(0)) =>
    [hour, minute].map((part) => String(part).padStart(2, "0")).join(":");
  using _zone = timeZone("<+1122>-11:22");
  expect(at()).toBe("11:22");
  delete process.env["TZ"];
  expect(at()).toBe(said);
});

describe("without files of time zones", () => {
  const nowhere = (zone: string): Disposable => {
    const stack = new DisposableStack();
    const before = process.env["TZDIR"];
    process.env["TZDIR"] = "/nope";
    stack.defer(() => {
      if (before === undefined) delete process.env["TZDIR"];
      else process.env["TZDIR"] = before;
    });
    stack.use(timeZone(zone));
    return stack;
  };

  test("localTime() reads names as the runtime does", () => {
    using _zone = nowhere("Asia/Kathmandu");
    expect(localTime(0)).toMatchObject({ hour: 5, minute: 30 });
    expect(zoneWarning()).toBeUndefined();
  });

  test("localTime() still has C read rules", () => {
    using _zone = nowhere("EST5");
    expect(localTime(0)).toMatchObject({ hour: 19, day: 31, weekday: 3 });
    expect(zoneWarning()).toBeUndefined();
  });
});

test("zoneWarning() tells of what can't be read without the C library", async () => {
  const file = import.meta.resolve("../../../src/protocol/stamp/local-time.ts");
  const script = `
    Object.defineProperty(process, "platform", { value: "win32" });
    const { localTime, zoneWarning } = await import(${JSON.stringify(file)});
    for (const zone of ["Asia/Tokyo", "EST5"]) {
      process.env.TZ = zone;
      console.log(localTime(0).hour, zoneWarning());
    }`;
  const { stdout } = await run([process.execPath, "-e", script]);
  expect(stdout).toBe(
    "9 undefined\n" +
      "0 TZ=EST5 can't be read here, where the C library can't be asked: " +
      "times are UTC\n",
  );
});
