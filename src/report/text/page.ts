import type { NamedResult, Result, Search } from "../../result/result.ts";
import { isP99Unanswered, wholeSeconds } from "../../result/series.ts";
import { distributionOf, labelsOf } from "../distribution.ts";
import { highest, lowest } from "../../result/aggregates.ts";
import { formatRate, formatShare, formatTimes } from "../numbers.ts";
import { shortNames } from "../names.ts";
import { Sheet } from "./sheet.ts";
import { errorTable, failureTable, faultTable } from "../error-tables.ts";
import {
  goalTable,
  percentileTable,
  phaseTable,
  runTable,
  searchTable,
  summaryTable,
} from "../tables.ts";
import { originOf, termsOf } from "../terms.ts";
import {
  bar,
  BEYOND,
  columns,
  type Paint,
  paintOf,
  sparkline,
  tabulated,
  wrap,
} from "./layout.ts";
import { reasonOf } from "../verdict.ts";

export interface PageOptions {
  /** In characters; 60 is enough for all tables to have columns. */
  width: number;
  colour: boolean;
  /** The results that were merged into the one shown. */
  parts?: readonly NamedResult[];
}

/** A result as a page for a terminal or a file. */
export function page(
  result: Result,
  { width, colour, parts = [] }: PageOptions,
): string {
  const paint = paintOf(colour);
  const sheet = new Sheet(width, paint);
  const { latency, errors, faults, warnings, goals, search } = result;

  sheet.text(result.target, "bold");
  const terms = [...termsOf(result), ...originOf(result)];
  sheet.text(
    terms.map((term) => term.replaceAll(" ", "\u00a0")).join("\u00a0· "),
    "dim",
  );
  sheet.table(summaryTable(result));
  if (result.series.length > 1) {
    sheet.section("Over time", overTime(result, sheet.inner, paint));
  }
  if (latency.count > 0) {
    sheet.section("Latency", distribution(result, sheet.inner, paint));
  }
  if (latency.count + (latency.unanswered ?? 0) > 0) {
    sheet.table(percentileTable(result));
  }
  if (search !== null) {
    sheet.section(
      searchTable(result).caption,
      searched(result, search, sheet.inner, paint),
    );
  }
  if (result.connections.latency.count > 0) sheet.table(phaseTable(result));
  if (parts.length > 1) {
    const names = shortNames(parts.map(({ name }) => name));
    sheet.table(runTable("Machines", parts, names));
  }
  if (Object.keys(errors).length > 0) sheet.table(errorTable(result));
  if (result.failures?.length) sheet.table(failureTable(result));
  if (faults.length > 0) sheet.table(faultTable(result));
  if (goals.length > 0) sheet.table(goalTable(result));
  sheet.list("Warnings", warnings, "yellow");
  sheet.verdict(result.verdict, reasonOf(result));
  return sheet.toString();
}

/** In characters; a shorter one tells nothing. */
const SHORTEST_BAR = 5;

function distribution(result: Result, width: number, paint: Paint): string[] {
  const rows = distributionOf(result.latency);
  const most = Math.max(...rows.map(({ share }) => share));
  const ends = labelsOf(rows);
  const labels = columns(
    rows.map(({ share }, index) => [ends[index]!, formatShare(share)]),
    "rr",
  );
  const room =
    width -
    Math.max(...labels.map((label) => label.length)) -
    Math.max(...rows.map(({ mark }) => mark.length)) -
    4;
  if (room < SHORTEST_BAR) {
    return rows.flatMap(({ mark }, index) => {
      const line = `${labels[index]}  ${mark}`.trimEnd();
      return line.length > width ? wrap(line, width, 2) : [line];
    });
  }
  return rows.map(({ share, mark }, index) => {
    const drawn = bar(share / most, room);
    const rest = mark && " ".repeat(room + 2 - drawn.length) + mark;
    return `${labels[index]}  ${paint("cyan", drawn)}${paint("dim", rest)}`;
  });
}

/** In characters; a second is drawn no wider. */
const SECOND = 4;
/** In characters: shorter, a sparkline has its range below it. */
const SHORTEST_LINE = 10;

function overTime(result: Result, width: number, paint: Paint): string[] {
  // A last second that was cut short would look like a drop.
  const series = wholeSeconds(result);
  const rates = series.map(({ messages }) => messages);
  const p99 = series.map((second) =>
    isP99Unanswered(second) ? Infinity : second.p99,
  );
  const rows = [
    {
      name: "rate",
      values: rates,
      worst: lowest,
      range: rangeOf(rates, (few) => few.map(formatRate)),
    },
    {
      name: "p99",
      values: p99,
      worst: highest,
      range: rangeOf(p99, formatTimes),
    },
  ].filter(({ range }) => range !== "");
  const beside = width - 8 - Math.max(...rows.map(({ range }) => range.length));
  const fits = beside >= SHORTEST_LINE;
  const room = fits ? beside : width - 6;
  return rows.flatMap(({ name, values, worst, range }) => {
    const few = fewer(values, room, worst);
    const repeat = Math.min(Math.max(Math.floor(room / few.length), 1), SECOND);
    const wide = few.flatMap((value) =>
      Array<typeof value>(repeat).fill(value),
    );
    const line = `${name.padEnd(4)}  ${paint("cyan", sparkline(wide))}`;
    if (fits) return `${line}  ${range}`;
    return [line, ...wrap(range, room).map((text) => `      ${text}`)];
  });
}

function rangeOf(
  values: readonly (number | null)[],
  format: (values: number[]) => string[],
): string {
  const known = values.filter((value) => value !== null);
  const finite = known.filter(Number.isFinite);
  const beyond = finite.length < known.length ? [`${BEYOND} no answer`] : [];
  if (finite.length === 0) return beyond.join("");
  const [low, high] = format([lowest(finite), highest(finite)]);
  return [low === high ? low : `${low} to ${high}`, ...beyond].join(", ");
}

/** The worst of each few, so that no peak and no stall disappears. */
function fewer(
  values: readonly (number | null)[],
  most: number,
  worst: (values: readonly number[]) => number,
): (number | null)[] {
  const step = Math.ceil(values.length / most);
  if (step === 1) return [...values];
  return Array.from({ length: Math.ceil(values.length / step) }, (_, index) => {
    const some = values.slice(index * step, (index + 1) * step);
    const known = some.filter((value) => value !== null);
    return known.length > 0 ? worst(known) : null;
  });
}

/** A full bar is so many times the slowest p99 that met the goals. */
const FULL_BAR = 4;

function searched(
  result: Result,
  { steps }: Search,
  width: number,
  paint: Paint,
): string[] {
  const { head, rows, align } = searchTable(result);
  const { heads, lines } = tabulated(head, rows, align, width);
  if (heads === undefined) return lines;
  const longest = highest(
    lines.map(({ length }) => length),
    heads.length,
  );
  const room = width - longest - 3;
  const good = steps.flatMap(({ met, p99 }) => (met && p99 ? [p99] : []));
  const full =
    good.length > 0
      ? highest(good) * FULL_BAR
      : highest(steps.map(({ p99 }) => p99 ?? 0));
  return [
    paint("dim", heads),
    ...lines.map((line, index) => {
      const { p99, met } = steps[index]!;
      if (room < SHORTEST_BAR || p99 === null) return line;
      const drawn = bar(p99 / full, room) + (p99 > full ? "›" : "");
      return `${line.padEnd(longest)}  ${paint(met ? "green" : "red", drawn)}`;
    }),
  ];
}
