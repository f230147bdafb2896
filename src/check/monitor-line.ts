import { printable } from "../printable.ts";
import { differences, stepText } from "./compare.ts";
import { summary } from "./summary.ts";
import type { CheckResult } from "./result.ts";

/** One run: when it was, its verdict, and what is another than before. */
export function monitorLine(
  result: CheckResult,
  before: CheckResult | undefined,
): string {
  const { started, verdict } = result;
  const changes =
    before === undefined
      ? []
      : differences(before, result)
          .filter(({ change }) => change !== "none")
          .map(stepText);
  const told = changes.length > 0 ? ` | changed: ${changes.join(", ")}` : "";
  return printable(`${started} ${verdict} ${summary(result)}${told}`);
}
