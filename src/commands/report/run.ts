import { basename } from "node:path";

import { comparisonJson } from "../../report/changes.ts";
import { comparisonPage } from "../../report/text/comparison.ts";
import { htmlComparison } from "../../report/html/comparison.ts";
import { htmlReport } from "../../report/html/page.ts";
import { page } from "../../report/text/page.ts";
import { checksOf } from "../../check/read.ts";
import { isObject } from "../../checks.ts";
import { mayBeTrace } from "../../diagram/read.ts";
import { reasonOf } from "../../report/verdict.ts";
import { compare } from "../../result/compare.ts";
import { merge, attributed } from "../../result/merge.ts";
import { type NamedValue, resultsOf, valuesIn } from "../../result/read.ts";
import type { NamedResult } from "../../result/result.ts";
import { SounderError } from "../../errors/errors.ts";
import { mistake } from "../shared/mistake.ts";
import { isSameFile, openOutputs } from "../shared/result-files.ts";
import { jsonText, screen, showResult } from "../shared/results.ts";
import type { ReportFlags } from "./flags.ts";
import { checksShown } from "./checks.ts";
import type { Shown } from "./shown.ts";
import { readText } from "./read-text.ts";
import { showTraces } from "./traces.ts";

/** @throws CommanderError where a file is given twice */
function refuseTwice(files: readonly string[]): void {
  for (const [index, file] of files.entries()) {
    const before = files
      .slice(0, index)
      .find((one) => one === file || isSameFile(one, file));
    if (before === file) throw mistake(`${file} is given twice`);
    if (before !== undefined) {
      throw mistake(`${before} and ${file} are one file`);
    }
  }
}

interface NamedText {
  name: string;
  text: string;
}

async function readAll(files: readonly string[]): Promise<NamedText[]> {
  refuseTwice(files);
  const texts: NamedText[] = [];
  for (const file of files) {
    const name = file === "-" ? "stdin" : file;
    texts.push({ name, text: await readText(file) });
  }
  return calledByBasename(texts);
}

/** Paths are long: their last parts do, where they differ. */
function calledByBasename<Named extends { name: string }>(
  values: readonly Named[],
): Named[] {
  const short = values.map(({ name }) => basename(name));
  if (new Set(short).size < short.length) return [...values];
  return values.map((value, index) => ({ ...value, name: short[index]! }));
}

/** Writes what is asked for. @returns the exit status */
export async function show(
  files: readonly string[],
  flags: ReportFlags,
): Promise<number> {
  const { compare: comparing, json, html, diagram } = flags;
  const texts = await readAll(files);
  if (texts.some(({ text }) => mayBeTrace(text))) {
    return showTraces(files, texts, flags);
  }
  if (diagram !== undefined) {
    throw mistake("--diagram is for traces, which --trace-json writes");
  }
  const values = texts.flatMap(({ name, text }) => valuesIn(text, name));
  if (comparing && values.length < 2) {
    throw mistake("--compare wants at least two results");
  }
  const shown = shownOf(values, flags);
  using outputs = openOutputs({ json, html }, files);
  const contents = { json: () => jsonText(shown.json), html: shown.html };
  const { failed } = shown;
  await showResult(
    outputs.writes,
    contents,
    () => shown.page(screen()),
    failed,
  );
  return failed === undefined ? 0 : 1;
}

/** @throws SounderError `ERESULT`, `EMERGE` */
function shownOf(values: readonly NamedValue[], flags: ReportFlags): Shown {
  const checks = values.filter(isCheck);
  if (checks.length === values.length) {
    return checksShown(checksOf(checks), flags);
  }
  const [check] = checks;
  const other = values.find((one) => !isCheck(one))!;
  if (check !== undefined) {
    throw new SounderError(
      `cannot show them together: ${check.name} is of check, ${other.name} is not`,
      "EMERGE",
    );
  }
  const results = resultsOf(values);
  return flags.compare ? compared(results) : merged(results);
}

function isCheck({ value }: NamedValue): boolean {
  return isObject(value) && value["kind"] === "check";
}

/** The same run twice would count twice, also where it is in a merge already. */
function refuseCopies(results: readonly NamedResult[]): void {
  const names = new Map<string, string>();
  for (const { name, result } of results) {
    // Older versions did not name their runs.
    for (const run of result.runs ?? [JSON.stringify(result)]) {
      const same = names.get(run);
      if (same !== undefined) {
        throw new SounderError(
          `cannot merge: ${same} and ${name} hold the same run`,
          "EMERGE",
        );
      }
      names.set(run, name);
    }
  }
}

function merged(results: readonly NamedResult[]): Shown {
  refuseCopies(results);
  const [first, ...others] = results;
  const alone = others.length === 0;
  const result = alone ? first!.result : merge(results.map(attributed));
  const parts = alone ? [] : results;
  return {
    page: (options) => page(result, { ...options, parts }),
    html: () => htmlReport(result, parts),
    json: result,
    failed: result.verdict === "fail" ? reasonOf(result) : undefined,
  };
}

function compared([first, ...others]: readonly NamedResult[]): Shown {
  const comparison = compare(first!, others);
  return {
    page: (options) => comparisonPage(comparison, options),
    html: () => htmlComparison(comparison),
    json: comparisonJson(comparison),
  };
}
