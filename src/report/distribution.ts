import { type Bin, Ecdf } from "../result/ecdf.ts";
import { nameOf, PERCENTILE_KEYS, PERCENTILES } from "../result/percentiles.ts";
import { samplesFor, type Times } from "../result/times.ts";
import { formatBounds } from "./numbers.ts";
import { niceStep } from "./charts/ticks.ts";

/**
 * A row of a distribution: samples from `from` up to, but not including, `to`.
 * Messages without an answer are a last row, whose `to` is infinite.
 */
export interface Row extends Bin {
  share: number;
  /** The percentiles that lie here: `p50`, `p99–p99.99`. */
  mark: string;
}

/** What stands before each row: `< 2 ms`, or that there was no answer. */
export function labelsOf(rows: readonly Row[]): string[] {
  const ends = rows.map(({ to }) => to).filter(Number.isFinite);
  const edges = formatBounds(ends).map((edge) => `< ${edge}`);
  return ends.length < rows.length ? [...edges, "no answer"] : edges;
}

/** At most about how many rows most of the messages get. */
const BODY_ROWS = 12;
/** At most how many rows the slow rest gets. */
const TAIL_ROWS = 5;
/** Steps are even where they go to at most so many times the lowest time. */
const EVEN = 10;

/** Renard's preferred numbers, of which each row's ends are made. */
const SERIES = [
  [1, 1.25, 1.6, 2, 2.5, 3.2, 4, 5, 6.3, 8],
  [1, 1.6, 2.5, 4, 6.3],
  [1, 2, 5],
  [1, 3],
  [1],
];
const COARSE = SERIES.slice(2);

/**
 * Rows that show where messages are: even steps through most of them, and a few
 * growing ones for the slow rest, which may be a thousand times slower. Where
 * even nine tenths spread over more than a decade, all steps grow.
 */
export function distributionOf(times: Times): Row[] {
  const all = Ecdf.of(times);
  if (all.answered === 0) return [];
  // Steps are made for those that have a time.
  const ecdf = Ecdf.of({ histogram: times.histogram });
  // Nothing is below the lowest bin's end for certain.
  const low = Math.max(ecdf.binAt(0.01)!.from, ecdf.bins[0]!.to - 1);
  const most = ecdf.bins.at(-1)!.to;
  const even = [0.99, 0.9]
    .map((share) => ecdf.binAt(share)!.to)
    .find((high) => high <= Math.max(low, 1) * EVEN);

  const body =
    even === undefined
      ? preferredSteps(low, ecdf.binAt(0.99)!.to, BODY_ROWS, SERIES)
      : evenSteps(low, even, widthAt(ecdf, even));
  const end = body.at(-1)!;
  const tail = end < most ? preferredSteps(end, most, TAIL_ROWS, COARSE) : [];
  return rowsOf(all, [...body, ...tail]);
}

function rowsOf(ecdf: Ecdf, edges: readonly number[]): Row[] {
  let from = 0;
  let before = 0;
  const unanswered = ecdf.count > ecdf.answered ? [Infinity] : [];
  const slowest = ecdf.bins.at(-1)!;
  const rows = [...edges, ...unanswered].map((to) => {
    // The slowest are in one row: no edge within their bin is above the maximum.
    let upTo =
      to > slowest.from && to < slowest.to
        ? ecdf.answered - slowest.count
        : ecdf.countBelow(to);
    if (to === Infinity) upTo = ecdf.count;
    const count = upTo - before;
    const row = { from, to, count, share: count / ecdf.count, mark: "" };
    from = to;
    before = upTo;
    return row;
  });
  for (const key of PERCENTILE_KEYS) {
    const [name, at] = [nameOf(key), PERCENTILES[key]];
    if (ecdf.count < samplesFor(at)) continue;
    const end = ecdf.binAt(at / 100)?.to ?? Infinity;
    const row = rows.find(({ to }) => end <= to)!;
    row.mark = row.mark === "" ? name : `${row.mark.split("–")[0]}–${name}`;
  }
  return rows;
}

/** How finely times near to one are known: the width of a bin there. */
function widthAt(ecdf: Ecdf, us: number): number {
  const { from, to } = ecdf.bins.findLast((bin) => bin.from < us)!;
  return to - from;
}

/**
 * Ends of equal steps of 1, 2 or 5, the first above `low`.
 * @param width of a bin: rows that are narrower would be empty in turn
 */
function evenSteps(low: number, high: number, width: number): number[] {
  const step = niceStep(Math.max((high - low) / BODY_ROWS, width));
  const edges: number[] = [];
  let edge = Math.floor(low / step) * step;
  do {
    edge += step;
    edges.push(edge);
  } while (edge < high);
  return edges;
}

/**
 * Preferred numbers above `low`, up to the first that is not below `high`: of
 * the finest series that needs no more than so many.
 */
function preferredSteps(
  low: number,
  high: number,
  atMost: number,
  finestFirst: readonly (readonly number[])[],
): number[] {
  let edges: number[] = [];
  for (const series of finestFirst) {
    edges = preferred(low, high, series);
    if (edges.length <= atMost) break;
  }
  return edges;
}

function preferred(
  low: number,
  high: number,
  series: readonly number[],
): number[] {
  const edges: number[] = [];
  let decade = 10 ** Math.floor(Math.log10(Math.max(low, 1)));
  for (;;) {
    for (const number of series) {
      const edge = Math.round(number * decade);
      if (edge <= (edges.at(-1) ?? low)) continue;
      edges.push(edge);
      if (edge >= high) return edges;
    }
    decade *= 10;
  }
}
