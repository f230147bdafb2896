import type { Row } from "./diagram.ts";

/** In the picture's units. */
const TOP = 86;
const ROW = 40;
/** A break between two rows. */
const GAP = 44;

/** Where rows are from top to bottom, with room for what lies between them. */
export class Layout {
  private readonly tops: number[] = [];
  /** Where lifelines end. */
  readonly bottom: number;

  constructor(rows: readonly Pick<Row, "gap">[]) {
    let y = TOP;
    for (const { gap } of rows) {
      if (gap !== undefined) y += GAP;
      this.tops.push(y);
      y += ROW;
    }
    this.bottom = y + 10;
  }

  /** @param row also between two: then it is near the one that is nearer */
  at(row: number): number {
    if (this.tops.length === 0) return TOP;
    const last = this.tops.length - 1;
    const whole = Math.min(Math.max(Math.round(row), 0), last);
    return this.tops[whole]! + (row - whole) * ROW;
  }

  /** The middle of the break before a row. */
  gapAt(row: number): number {
    // Above the row itself is as much room as below the one before it.
    return this.at(row) - (GAP + ROW) / 2 + 10;
  }
}
