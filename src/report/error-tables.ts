/** What went wrong in a run, as tables. */
import { wordsOf } from "../errors/codes.ts";
import type { Result } from "../result/result.ts";
import { formatBytes, formatCount } from "../units.ts";
import { formatTime } from "./numbers.ts";
import type { Table } from "./tables.ts";

export function errorTable({ errors }: Result): Table {
  return {
    caption: "Errors",
    align: "lrl",
    rows: Object.entries(errors)
      .toSorted(([, a], [, b]) => b - a)
      .map(([code, count]) => [code, formatCount(count), wordsOf(code)]),
  };
}

/** More would hide what else there is to see; JSON has all. */
const FAILURES_SHOWN = 20;

/** When things went wrong, and where in a connection's life. */
export function failureTable({ failures = [] }: Result): Table {
  return {
    caption: "First errors",
    head: ["connection", "at", "after", "silence", "code"],
    align: "rrrrl",
    rows: failures
      .slice(0, FAILURES_SHOWN)
      .map(({ connection, at, byte, silence, code }) => [
        `#${connection}`,
        (at < 0 ? "−" : "") + formatTime(Math.abs(at) * 1e6),
        formatBytes(byte),
        formatTime(silence * 1e6),
        code,
      ]),
    note:
      "at: since measuring began. after: what had come back on the " +
      "connection. silence: since the last of it.",
  };
}

export function faultTable({ faults }: Result): Table {
  return {
    caption: "Wrong answers",
    head: ["connection", "offset", "kind", "what"],
    align: "rrll",
    rows: faults.map(({ connection, offset, kind, text }) => [
      `#${connection}`,
      formatCount(offset),
      kind,
      text,
    ]),
  };
}
