import {
  type Arrow,
  type Diagram,
  NEAR,
  type Row,
  type Span,
} from "./diagram.ts";

/** Rows of a picture; of a longer conversation the middle is left out. */
const ROWS = 160;

type Drawn = Pick<Diagram, "rows" | "arrows" | "spans">;

/**
 * A picture without its middle, if it is too long. It is cut once it is drawn:
 * which read belongs to which write is known from all of them.
 */
export function withoutMiddle(drawn: Drawn): Drawn & { left: number } {
  const left = drawn.rows.length - ROWS;
  if (left <= 0) return { ...drawn, left: 0 };
  const head = ROWS / 2;
  /** Undefined of what is left out. */
  const placeOf = (row: number): number | undefined => {
    const whole = Math.round(row);
    if (whole < head) return row;
    return whole < head + left ? undefined : row - left;
  };
  return {
    rows: rowsOf(drawn.rows, head, left),
    arrows: drawn.arrows.flatMap((arrow) => arrowOf(arrow, placeOf)),
    spans: spansOf(drawn.spans, head, left),
    left,
  };
}

function rowsOf(rows: readonly Row[], head: number, left: number): Row[] {
  const gap = { kind: "left", steps: left } as const;
  const [first, ...rest] = rows.slice(head + left);
  return [...rows.slice(0, head), { ...first!, gap }, ...rest];
}

/** One whose other end is left out goes towards it, or comes from there. */
function arrowOf(
  arrow: Arrow,
  placeOf: (row: number) => number | undefined,
): Arrow[] {
  const [start, end] = [placeOf(arrow.start), placeOf(arrow.end)];
  if (start === undefined && end === undefined) return [];
  return [
    {
      ...arrow,
      start: start ?? end! - NEAR,
      end: end ?? start! + NEAR,
    },
  ];
}

/** What a side's state has become meanwhile begins behind the cut. */
function spansOf(spans: readonly Span[], head: number, left: number): Span[] {
  return (["client", "server"] as const).flatMap((side) => {
    const own = spans.filter((span) => span.side === side);
    const before = own.filter(({ start }) => start < head);
    const within = own.findLast(
      ({ start }) => start >= head && start <= head + left,
    );
    const after = own
      .filter(({ start }) => start > head + left)
      .map((span) => ({ ...span, start: span.start - left }));
    const there = within === undefined ? [] : [{ ...within, start: head }];
    return [...before, ...there, ...after];
  });
}
