import { printable, printableLines } from "../printable.ts";
import { type Paint, paintOf, wrap } from "../report/text/layout.ts";
import { Sheet } from "../report/text/sheet.ts";
import { formatCount, formatDuration, plural } from "../units.ts";
import type { Case } from "./case.ts";
import { shellWords } from "./command-line.ts";
import type { CaseResult, RunResult, TrialResult } from "./result.ts";
import type { Verdict } from "./verdict.ts";

const MARKS: Record<Verdict, string> = { pass: "✓", fail: "✗", untested: "–" };
const STYLES = { pass: "green", fail: "red", untested: "yellow" } as const;

const CAPTIONS: Record<Case["kind"], string> = {
  harmless: "Harmless faults: it has to end as without one",
  harmful:
    "Harmful faults: it may fail, but not hang, crash or take it for the answer",
};

/** Lines of what a run that failed printed last. */
const LINES = 4;

/** A line about a case, as soon as it is finished. */
export function caseLine(
  { verdict, name, evidence }: CaseResult,
  colour: boolean,
): string {
  const mark = paintOf(colour)(STYLES[verdict], MARKS[verdict]);
  return `${mark} ${name}: ${printable(evidence)}`;
}

export interface PageOptions {
  width: number;
  colour: boolean;
}

/** A trial's result for people. */
export function trialPage(
  result: TrialResult,
  { width, colour }: PageOptions,
): string {
  const paint = paintOf(colour);
  const sheet = new Sheet(width, paint);
  const { target, command, baseline, warnings, cases } = result;
  sheet.text(shellWords(command), "bold");
  sheet.text(`against ${target}, in ${formatDuration(result.seconds * 1000)}`);
  sheet.text(
    `without a fault: exit 0 in ${formatDuration(baseline.seconds * 1000)}, ` +
      `${plural(baseline.connections, "connection")}, ` +
      `${formatCount(baseline.request)} bytes asked, ` +
      `${formatCount(baseline.answer)} answered, ` +
      `${formatCount(baseline.printed)} printed`,
  );
  for (const kind of ["harmless", "harmful"] as const) {
    const these = cases.filter((one) => one.kind === kind);
    if (these.length > 0) section(sheet, CAPTIONS[kind], these, paint);
  }
  for (const one of cases) {
    if (one.verdict === "fail") details(sheet, one);
  }
  sheet.list("Warnings", warnings, "yellow");
  sheet.verdict(result.verdict === "pass" ? "pass" : "fail", summary(result));
  return sheet.toString();
}

function section(
  sheet: Sheet,
  caption: string,
  cases: readonly CaseResult[],
  paint: Paint,
): void {
  const names = Math.max(...cases.map(({ name }) => name.length));
  const lines = cases.flatMap(({ name, verdict, evidence }) => {
    const start = `${MARKS[verdict]} ${name.padEnd(names)}  `;
    const text = `${start.replaceAll(" ", "\u00a0")}${printable(evidence)}`;
    const [first = "", ...rest] = wrap(text, sheet.inner, start.length);
    return [
      paint(STYLES[verdict], first.slice(0, 1)) + first.slice(1),
      ...rest,
    ];
  });
  sheet.section(caption, lines);
}

function details(sheet: Sheet, one: CaseResult): void {
  const { name, faults, imitates, should, runs } = one;
  const failed = runs.find(({ verdict }) => verdict === "fail")!;
  sheet.section(`${name}: ${faultsText(faults)}`, [
    ...wrap(`in real life: ${imitates}`, sheet.inner, 2),
    ...wrap(`a client should ${should}`, sheet.inner, 2),
    ...wrap(actedText(failed), sheet.inner, 2),
    ...printed("printed last", failed.stdout, sheet.inner),
    ...printed("on standard error", failed.stderr, sheet.inner),
  ]);
}

/** As they are given to a proxy, or what is done instead. */
export function faultsText(faults: readonly string[]): string {
  return faults.length === 0 ? "nobody listens" : faults.join(", ");
}

function actedText({ acted, connections }: RunResult): string {
  if (connections === 0) return "no connection came through";
  const [first] = acted;
  if (first === undefined) return "the fault never acted";
  const { connection, offset } = first;
  return `the fault acted at byte ${formatCount(offset)} of connection ${connection} of ${connections}`;
}

function printed(what: string, text: string, width: number): string[] {
  if (text.trim() === "") return [];
  const lines = text.trimEnd().split("\n").slice(-LINES);
  return [`${what}:`, ...lines.map((line) => `  │ ${cut(line, width - 4)}`)];
}

/** Its end: a line of an answer may be as long as all of it. */
function cut(line: string, width: number): string {
  const characters = [...printable(line)];
  while (Bun.stringWidth(characters.join("")) > width) {
    const over = Bun.stringWidth(characters.join("")) - width;
    characters.splice(0, Math.max(Math.ceil(over / 2), 1));
  }
  return characters.join("");
}

/** What it comes to. */
export function summary({ counts, cases, verdict }: TrialResult): string {
  const { pass, fail, untested } = counts;
  const left = untested === 0 ? "" : `; ${untested} not tested`;
  if (verdict === "interrupted") {
    return `interrupted after ${plural(cases.length, "case")}: ${fail} failed${left}`;
  }
  if (fail > 0)
    return `${fail} of ${plural(cases.length, "case")} failed${left}`;
  if (pass === 0) return "no fault acted: nothing was tested";
  return `${plural(pass, "case")} passed${left}`;
}

/** What a failed case printed, whole: for a file. */
export function outputOf({ runs }: CaseResult): string {
  const failed = runs.filter(({ verdict }) => verdict === "fail");
  return failed
    .flatMap(({ stdout, stderr }) => [
      ...(stdout === "" ? [] : ["standard output:", stdout.trimEnd()]),
      ...(stderr === "" ? [] : ["standard error:", stderr.trimEnd()]),
    ])
    .map(printableLines)
    .join("\n");
}
