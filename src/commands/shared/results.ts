import { printableJson } from "../../printable.ts";
import { htmlReport } from "../../report/html/page.ts";
import { page } from "../../report/text/page.ts";
import type { Result } from "../../result/result.ts";
import { reasonOf } from "../../report/verdict.ts";
import { output } from "./output.ts";
import type { Write } from "./result-files.ts";
import { say } from "./say.ts";
import { screenOf } from "./screen.ts";

/** What may be asked for besides the page, or instead of it. */
export type Files = Partial<Record<"json" | "html" | "hlog", Write>>;

/**
 * Where a result goes to: files that were asked for, and the page. One that
 * can't be written keeps none of the others from being so.
 * @throws SounderError that names the first
 */
export async function showResult(
  result: Result,
  files: Files,
  hlog: () => string,
): Promise<void> {
  const written = await Promise.allSettled([
    files.html?.(htmlReport(result)),
    files.json?.(jsonText(result)),
    files.hlog?.(hlog()),
  ]);
  await showPage(files, result, () => page(result, screen()));
  for (const one of written) if (one.status === "rejected") throw one.reason;
}

/**
 * Prints the page, unless a file is on standard output: that is its alone then,
 * for the program that reads it. Why a result failed is told all the same.
 * @param result whose verdict counts, if any does
 */
export async function showPage(
  files: Files,
  result: Result | undefined,
  text: () => string,
): Promise<void> {
  if (!Object.values(files).includes(output)) {
    await output(text());
  } else if (result?.verdict === "fail") {
    say(`FAIL  ${reasonOf(result)}`);
  }
}

/** As JSON for a file, or for a program that reads it. */
export function jsonText(value: unknown): string {
  return `${printableJson(JSON.stringify(value, null, 2))}\n`;
}

/** How a page is to be laid out for standard output. */
export function screen(): { width: number; colour: boolean } {
  const { columns, controls } = screenOf(1);
  return { width: columns, colour: controls };
}
