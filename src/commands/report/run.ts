import { basename } from "node:path";

import { comparisonJson } from "../../report/changes.ts";
import { comparisonPage } from "../../report/text/comparison.ts";
import { htmlComparison } from "../../report/html/comparison.ts";
import { htmlReport } from "../../report/html/page.ts";
import { page, type PageOptions } from "../../report/text/page.ts";
import { reasonOf } from "../../report/verdict.ts";
import { compare } from "../../result/compare.ts";
import { merge, attributed } from "../../result/merge.ts";
import { readResults } from "../../result/read.ts";
import type { NamedResult } from "../../result/result.ts";
import { SounderError } from "../../errors/errors.ts";
import { mistake } from "../shared/mistake.ts";
import { isSameFile, openOutputs } from "../shared/result-files.ts";
import { jsonText, screen, showResult } from "../shared/results.ts";
import type { ReportFlags } from "./flags.ts";
import { readText } from "./read-text.ts";

async function readAll(files: readonly string[]): Promise<NamedResult[]> {
  const results: NamedResult[] = [];
  for (const [index, file] of files.entries()) {
    const before = files
      .slice(0, index)
      .find((one) => one === file || isSameFile(one, file));
    if (before === file) throw mistake(`${file} is given twice`);
    if (before !== undefined) {
      throw mistake(`${before} and ${file} are one file`);
    }
    const name = file === "-" ? "stdin" : file;
    results.push(...readResults(await readText(file), name));
  }
  return calledByBasename(results);
}

/** Paths are long: their last parts do, where they differ. */
function calledByBasename(results: readonly NamedResult[]): NamedResult[] {
  const short = results.map(({ name }) => basename(name));
  if (new Set(short).size < short.length) return [...results];
  return results.map(({ result }, index) => ({ name: short[index]!, result }));
}

/** Writes what is asked for. @returns the exit status */
export async function show(
  files: readonly string[],
  { compare: comparing, json, html }: ReportFlags,
): Promise<number> {
  const results = await readAll(files);
  if (comparing && results.length < 2) {
    throw mistake("--compare wants at least two results");
  }
  const shown = comparing ? compared(results) : merged(results);
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

interface Shown {
  page(options: PageOptions): string;
  html(): string;
  json: unknown;
  /** Why its verdict is "fail", where it is; a comparison has none. */
  failed?: string | undefined;
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
