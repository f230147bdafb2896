import { describe, expect, test } from "bun:test";

import { ctime, Stamper } from "../../../src/protocol/stamp/stamper.ts";
import { STAMP_LENGTH } from "../../../src/protocol/stamp/form.ts";
import { timeZone } from "../../support/time-zone.ts";

describe("ctime()", () => {
  test.each([
    ["a day of one digit", "2026-11-01T09:05:07Z", "Sun Nov  1 09:05:07 2026"],
    ["a day of two digits", "2026-11-10T23:59:59Z", "Tue Nov 10 23:59:59 2026"],
    ["midnight", "2026-01-01T00:00:00Z", "Thu Jan  1 00:00:00 2026"],
    ["noon", "2026-06-03T12:00:00Z", "Wed Jun  3 12:00:00 2026"],
    ["a leap day", "2028-02-29T01:02:03Z", "Tue Feb 29 01:02:03 2028"],
    ["the epoch", "1970-01-01T00:00:00Z", "Thu Jan  1 00:00:00 1970"],
    ["2038", "2038-01-19T03:14:08Z", "Tue Jan 19 03:14:08 2038"],
  ])("ctime() prints %s", (_, time, text) => {
    using _zone = timeZone("UTC");
    expect(ctime(new Date(time))).toBe(text);
  });

  test.each([
    ["2026-03-08T06:59:59Z", "Sun Mar  8 01:59:59 2026"],
    ["2026-03-08T07:00:00Z", "Sun Mar  8 03:00:00 2026"],
    ["2026-11-01T05:59:59Z", "Sun Nov  1 01:59:59 2026"],
    ["2026-11-01T06:00:00Z", "Sun Nov  1 01:00:00 2026"],
  ])("ctime() follows DST at %s", (time, text) => {
    using _zone = timeZone("America/New_York");
    expect(ctime(new Date(time))).toBe(text);
  });

  test("ctime() crosses midnight with the zone", () => {
    const time = new Date("2026-12-31T20:00:00Z");
    using _zone = timeZone("Asia/Kathmandu");
    expect(ctime(time)).toBe("Fri Jan  1 01:45:00 2027");
  });

  test("ctime() respects the TZ that its process began with", () => {
    const script = `
      import { ctime } from ${JSON.stringify(import.meta.resolve("../../../src/protocol/stamp/stamper.ts"))};
      console.log(ctime(new Date(0)));`;
    const { stdout } = Bun.spawnSync({
      cmd: [process.execPath, "-e", script],
      env: { TZ: "Asia/Kathmandu", LC_ALL: "de_DE.UTF-8" },
    });
    expect(stdout.toString()).toBe("Thu Jan  1 05:30:00 1970\n");
  });
});

describe("Stamper", () => {
  const target = Buffer.alloc(STAMP_LENGTH + 1, "x");
  let now = 0;
  const stamper = new Stamper(target, () => now);
  const stampAt = (time: string) => {
    using _zone = timeZone("UTC");
    now = Date.parse(time);
    stamper.refresh();
    return target.toString("latin1");
  };

  test("Stamper fills exactly STAMP_LENGTH bytes of its target", () => {
    expect(stampAt("2026-11-01T09:05:07.000Z")).toBe(
      "[Sun Nov  1 09:05:07 2026] x",
    );
  });

  test("Stamper rebuilds the stamp when the second turns, and only then", () => {
    stampAt("2026-11-01T09:05:07.000Z");
    target[0] = 0x3f;
    expect(stampAt("2026-11-01T09:05:07.999Z")).toStartWith("?Sun");
    expect(stampAt("2026-11-01T09:05:08.000Z")).toStartWith(
      "[Sun Nov  1 09:05:08 2026] ",
    );
  });

  test("Stamper follows a clock that is set back", () => {
    stampAt("2026-11-01T09:05:07.000Z");
    expect(stampAt("2026-11-01T09:05:06.999Z")).toStartWith(
      "[Sun Nov  1 09:05:06 2026] ",
    );
    expect(stampAt("2016-11-01T09:05:06.999Z")).toStartWith(
      "[Tue Nov  1 09:05:06 2016] ",
    );
  });
});
