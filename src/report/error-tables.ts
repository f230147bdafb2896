/** What went wrong in a run, as tables. */
import { wordsOf } from "../errors/codes.ts";
import type { Result } from "../result/result.ts";
import { formatBytes, formatCount } from "../units.ts";
import { formatTime, NONE } from "./numbers.ts";
import { shortNames } from "./names.ts";
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
export function failureTable({ failures = [], options }: Result): Table {
  const shown = failures.slice(0, FAILURES_SHOWN);
  const machines = [...new Set(shown.flatMap(({ machine }) => machine ?? []))];
  const merged = machines.length > 0;
  const names = shortNames(machines);
  const rows = shown.map(({ connection, at, byte, silence, code, machine }) => [
    (merged ? `${names[machines.indexOf(machine!)] ?? NONE} ` : "") +
      `#${connection}`,
    whenOf(at, options.warmup),
    formatBytes(byte),
    formatTime(silence * 1e6),
    code,
  ]);
  return {
    caption: "First errors",
    head: [merged ? "" : "connection", "at", "after", "silence", "code"],
    align: merged ? "lrrrl" : "rrrrl",
    rows,
    note:
      "at: since measuring began, or in what came before it. after: what had " +
      "come back on the connection. silence: since the last of it.",
  };
}

/** @param at seconds since measuring began, as `warmup` */
function whenOf(at: number, warmup: number): string {
  if (at >= 0) return formatTime(at * 1e6);
  const phase = -at <= warmup ? "warm-up" : "opening";
  return `${phase}, −${formatTime(-at * 1e6)}`;
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
