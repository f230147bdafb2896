import { printable } from "../printable.ts";
import { Sheet } from "../report/text/sheet.ts";
import { paintOf } from "../report/text/layout.ts";
import type { CheckComparison } from "./comparison.ts";
import { changedText, WORDS } from "./compare.ts";
import type { PageOptions } from "./page.ts";

/** What changed, for people. */
export function checkComparisonPage(
  { base, others }: CheckComparison,
  { width, colour }: PageOptions,
): string {
  const sheet = new Sheet(width, paintOf(colour));
  sheet.text(base.result.target, "bold");
  for (const { name, differs, changes } of others) {
    sheet.table({
      caption: printable(`${name} against ${base.name}`),
      head: ["", "before", "after", ""],
      align: "llll",
      rows: changes.map(({ name: check, from, to, change }) => [
        check,
        from,
        to,
        change === "none" ? "" : WORDS[change],
      ]),
    });
    sheet.list("Not the same", differs, "yellow");
  }
  sheet.add([""]);
  for (const { name, result, changes } of others) {
    const failed =
      result.verdict === "fail"
        ? `it failed: ${result.reasons.join("; ")}; `
        : "";
    sheet.text(`${name}  ${failed}${changedText(changes)}`);
  }
  return sheet.toString();
}
