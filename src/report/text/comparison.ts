import { printable } from "../../printable.ts";
import type { Compared, Comparison } from "../../result/compare.ts";
import {
  aboutComparison,
  type ChangeRow,
  changeRows,
  summaryOf,
} from "../changes.ts";
import { shortNames } from "../names.ts";
import { Sheet } from "./sheet.ts";
import { runTable } from "../tables.ts";
import { titleOf } from "../terms.ts";
import {
  type Paint,
  paintOf,
  stacked,
  type Style,
  tabulated,
} from "./layout.ts";

const STYLES: Record<string, Style> = {
  better: "green",
  worse: "red",
  "within noise": "dim",
  "plans differ": "dim",
  "can't tell": "dim",
};

/** A comparison as a page for a terminal or a file. */
export function comparisonPage(
  comparison: Comparison,
  { width, colour }: { width: number; colour: boolean },
): string {
  const { base, others } = comparison;
  const paint = paintOf(colour);
  const sheet = new Sheet(width, paint);
  sheet.text(base.result.target, "bold");
  const runs = [base, ...others];
  const names = shortNames(runs.map(({ name }) => name));
  sheet.table(runTable("Runs", runs, names));
  for (const [index, other] of others.entries()) {
    sheet.section(
      printable(`${titleOf(other)} against ${titleOf(base)}`),
      changed(names[0]!, names[index + 1]!, other, sheet.inner, paint),
    );
    sheet.list("Not the same", other.differs, "yellow");
  }
  sheet.add([""]);
  sheet.text(aboutComparison(comparison), "dim");
  sheet.add([""]);
  for (const other of others) sheet.text(`${other.name}  ${summaryOf(other)}`);
  return sheet.toString();
}

function changed(
  before: string,
  after: string,
  compared: Compared,
  width: number,
  paint: Paint,
): string[] {
  const rows = changeRows(compared);
  const head = ["", before, after, "change"];
  const cells = rows.flatMap((row) => [
    [row.measure, row.base, row.other, row.change],
    ["", row.baseInterval, row.otherInterval, row.verdict],
  ]);
  const { heads, lines } = tabulated(head, cells, "lrrr", width);
  if (heads === undefined) return narrow(head, rows, width);
  const styled = rows.flatMap(({ verdict }, index) => {
    const [figures = "", below = ""] = lines.slice(index * 2, index * 2 + 2);
    const intervals = below.slice(0, -verdict.length);
    return [
      figures,
      paint("dim", intervals) + paint(STYLES[verdict]!, verdict),
    ];
  });
  return [paint("dim", heads), ...styled];
}

/** Each figure with its interval, beside its head. */
function narrow(
  head: readonly string[],
  rows: readonly ChangeRow[],
  width: number,
): string[] {
  const within = (figure: string, interval: string) =>
    interval === "" ? figure : `${figure} (${interval})`;
  return rows.flatMap((row) =>
    stacked(
      head,
      [
        row.measure,
        within(row.base, row.baseInterval),
        within(row.other, row.otherInterval),
        `${row.change}, ${row.verdict}`,
      ],
      width,
    ),
  );
}
