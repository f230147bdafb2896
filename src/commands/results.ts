import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  writeFileSync,
} from "node:fs";

import { htmlReport } from "../report/html.ts";
import { page } from "../report/page.ts";
import type { Result } from "../result/result.ts";
import { failure } from "../socket/errors.ts";
import { output } from "./output.ts";

/** Writes a whole file; `-` is standard output. */
export type Write = (text: string) => Promise<void>;

/**
 * Opens a file to be written once there is something to write, so that a path
 * that can't be written is known before the work is done. What is in it stays
 * until then: work that fails must not cost the last result.
 * @throws SounderError that names it
 */
export function outputFile(path: string | undefined): Write | undefined {
  if (path === undefined) return undefined;
  if (path === "-") return output;
  const action = `cannot write ${path}`;
  try {
    const file = openSync(path, constants.O_WRONLY | constants.O_CREAT);
    return async (text) => {
      try {
        // A pipe or a device has nothing to cut.
        if (fstatSync(file).isFile()) ftruncateSync(file);
        writeFileSync(file, text);
        closeSync(file);
      } catch (error) {
        throw failure(action, error);
      }
    };
  } catch (error) {
    throw failure(action, error);
  }
}

/** What may be asked for besides the page, or instead of it. */
export type Files = Record<"json" | "html" | "hlog", Write | undefined>;

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
