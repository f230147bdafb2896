import { htmlReport } from "../report/html.ts";
import { page } from "../report/page.ts";
import type { Result } from "../result/result.ts";
import { output } from "./output.ts";
import type { Write } from "./outputs.ts";

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
  // Standard output is that file's alone then, for the program that reads it.
  if (!Object.values(files).includes(output)) {
    await output(page(result, screen()));
  }
  for (const one of written) if (one.status === "rejected") throw one.reason;
}

/** As JSON, in which a terminal finds nothing to obey. */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value, null, 2);
  // What JSON itself does not want escaped, but lets be.
  const escaped = text.replace(/[\u007f-\u009f\p{Cf}]/gu, (character) =>
    character
      .split("")
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join(""),
  );
  return `${escaped}\n`;
}

/** How a page is to be laid out for standard output. */
export function screen(): { width: number; colour: boolean } {
  const { isTTY, columns = 80 } = process.stdout;
  const colour = Boolean(isTTY) && !process.env["NO_COLOR"];
  return { width: columns, colour };
}
