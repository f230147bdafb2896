import { checkComparisonJson, compareChecks } from "../../check/comparison.ts";
import type { NamedCheck } from "../../check/compare.ts";
import { checkComparisonPage } from "../../check/comparison-page.ts";
import { htmlCheckComparison } from "../../check/html/comparison.ts";
import { htmlCheck } from "../../check/html/page.ts";
import { monitorLine } from "../../check/monitor-line.ts";
import { checkPage } from "../../check/page.ts";
import { summary } from "../../check/summary.ts";
import { mistake } from "../shared/mistake.ts";
import type { ReportFlags } from "./flags.ts";
import type { Shown } from "./shown.ts";

/** @throws CommanderError where these can't be shown so */
export function checksShown(
  checks: readonly NamedCheck[],
  { compare, json, html }: ReportFlags,
): Shown {
  const [first, ...others] = checks;
  if (compare) {
    const comparison = compareChecks(first!, others);
    return {
      page: (options) => checkComparisonPage(comparison, options),
      html: () => htmlCheckComparison(comparison),
      json: checkComparisonJson(comparison),
    };
  }
  const failing = checks.find(({ result }) => result.verdict !== "pass");
  const failed = failing && summary(failing.result);
  const { result } = first!;
  if (others.length === 0) {
    return {
      page: (options) => checkPage(result, options),
      html: () => htmlCheck(result),
      json: result,
      failed,
    };
  }
  if (json !== undefined || html !== undefined) {
    throw mistake(
      "checks are not merged: --json and --html want one, or --compare",
    );
  }
  return { page: () => linesOf(checks), html: () => "", json: null, failed };
}

/** As the monitor tells them. */
function linesOf(checks: readonly NamedCheck[]): string {
  const lines = checks.map(({ result }, index) =>
    monitorLine(result, checks[index - 1]?.result),
  );
  return `${lines.join("\n")}\n`;
}
