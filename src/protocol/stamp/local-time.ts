import { ptr } from "bun:ffi";
import { existsSync } from "node:fs";

import { cFunctions } from "../../kernel/c-library.ts";

/** As struct tm of the C library has it, but for the year. */
export interface LocalTime {
  second: number;
  minute: number;
  hour: number;
  day: number;
  /** The first is 0. */
  month: number;
  year: number;
  /** Sunday is 0. */
  weekday: number;
}

type ReadTime = (ms: number) => LocalTime;

/** How the time zone of the moment is read, and the `TZ` that it is for. */
let reader: { zone: string | undefined; read: ReadTime } | undefined;

/**
 * Local time as C's localtime(3) tells it: `TZ` may be a name, a path, or rules
 * as POSIX has them (`CET-1CEST,M3.5.0,M10.5.0/3`), none of which the runtime
 * reads but the name. What C can't read is UTC.
 * @param ms since 1970
 */
export function localTime(ms: number): LocalTime {
  const zone = process.env["TZ"];
  if (reader === undefined || reader.zone !== zone) {
    reader = { zone, read: readerOf(zone) };
  }
  return reader.read(ms);
}

function readerOf(zone: string | undefined): ReadTime {
  const known = zone === undefined || isRuntimeZone(zone);
  const byRuntime = known ? readByRuntime : readUtc;
  if (zone !== undefined && known && !hasZones()) return byRuntime;
  return readerOfC(zone) ?? byRuntime;
}

/** What is wrong with the local time that is told here, if something is. */
export function zoneWarning(): string | undefined {
  const zone = process.env["TZ"];
  localTime(0);
  return reader!.read === readUtc
    ? `TZ=${zone} can't be read here, where the C library can't be asked: ` +
        "times are UTC"
    : undefined;
}

/** Whether there are files of time zones: an image may do without. */
function hasZones(): boolean {
  return existsSync(`${process.env["TZDIR"] ?? "/usr/share/zoneinfo"}/UTC`);
}

/** Whether it is a name that the runtime's own time zones have. */
function isRuntimeZone(zone: string): boolean {
  if (!/^[A-Za-z]/.test(zone)) return false;
  try {
    Intl.DateTimeFormat("en", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

const TIME_FUNCTIONS = {
  tzset: { args: [], returns: "void" },
  localtime_r: { args: ["ptr", "ptr"], returns: "ptr" },
  getenv: { args: ["ptr"], returns: "cstring" },
  setenv: { args: ["ptr", "ptr", "i32"], returns: "i32" },
  unsetenv: { args: ["ptr"], returns: "i32" },
} as const;

const functions = () => cFunctions(TIME_FUNCTIONS);
let called: ReturnType<typeof functions> | "not yet" = "not yet";

const cString = (text: string) => Buffer.from(`${text}\0`);

/** Undefined where the C library can't be asked. */
function readerOfC(zone: string | undefined): ReadTime | undefined {
  const c = called === "not yet" ? (called = functions()) : called;
  if (c === undefined) return undefined;
  // The runtime keeps what a program does to process.env to itself.
  const name = cString("TZ");
  const known = c.getenv(name) as unknown as object | null;
  if (zone === undefined) c.unsetenv(name);
  else if (known === null || String(known) !== zone) {
    c.setenv(name, cString(zone), 1);
  }
  const time = new BigInt64Array(1);
  // struct tm is nine ints, and no more than 56 bytes.
  const tm = new Int32Array(14);
  return (ms) => {
    time[0] = BigInt(Math.floor(ms / 1000));
    // As localtime(3) does: /etc/localtime may be another one by now.
    c.tzset();
    c.localtime_r(ptr(time), ptr(tm));
    return {
      second: tm[0]!,
      minute: tm[1]!,
      hour: tm[2]!,
      day: tm[3]!,
      month: tm[4]!,
      year: tm[5]! + 1900,
      weekday: tm[6]!,
    };
  };
}

function readUtc(ms: number): LocalTime {
  const date = new Date(ms);
  return {
    second: date.getUTCSeconds(),
    minute: date.getUTCMinutes(),
    hour: date.getUTCHours(),
    day: date.getUTCDate(),
    month: date.getUTCMonth(),
    year: date.getUTCFullYear(),
    weekday: date.getUTCDay(),
  };
}

function readByRuntime(ms: number): LocalTime {
  const date = new Date(ms);
  return {
    second: date.getSeconds(),
    minute: date.getMinutes(),
    hour: date.getHours(),
    day: date.getDate(),
    month: date.getMonth(),
    year: date.getFullYear(),
    weekday: date.getDay(),
  };
}
