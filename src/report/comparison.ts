import { printable } from "../printable.ts";
import type { Compared, Comparison } from "../result/compare.ts";
import { aboutComparison, changeRows, summaryOf } from "./changes.ts";
import { shortName } from "./numbers.ts";
import { WIDEST } from "./page.ts";
import { Sheet } from "./sheet.ts";
import { runTable } from "./tables.ts";
import { columns, type Paint, paintOf, type Style } from "./text.ts";

const STYLES: Record<string, Style> = {
  better: "green",
  worse: "red",
  "within noise": "dim",
  "as planned": "dim",
  "can't tell": "dim",
};

/** A comparison as a page for a terminal or a file. */
export function comparisonPage(
  comparison: Comparison,
  { width, colour }: { width: number; colour: boolean },
): string {
  const { base, others } = comparison;
  const paint = paintOf(colour);
  const sheet = new Sheet(Math.min(width, WIDEST), paint);
  sheet.add([paint("bold", printable(base.result.target))]);
  sheet.table(runTable("Runs", [base, ...others], shortName));
  for (const other of others) {
    sheet.section(
      `${printable(other.name)} against ${printable(base.name)}`,
      changed(base.name, other, paint),
    );
    sheet.list("Not the same", other.differs, "yellow");
  }
  sheet.add([""]);
  sheet.text(aboutComparison(comparison), "dim");
  sheet.add([""]);
  for (const other of others) sheet.text(`${other.name}  ${summaryOf(other)}`);
  return sheet.toString();
}

function changed(base: string, other: Compared, paint: Paint): string[] {
  const rows = changeRows(other);
  const [heads = "", ...lines] = columns(
    [
      ["", shortName(base), shortName(other.name), "change"],
      ...rows.flatMap((row) => [
        [row.measure, row.base, row.other, row.change],
        ["", row.baseInterval, row.otherInterval, row.verdict],
      ]),
    ],
    "lrrr",
  );
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
