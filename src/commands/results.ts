import { closeSync, openSync, writeFileSync } from "node:fs";

import { htmlReport } from "../report/html.ts";
import { page } from "../report/page.ts";
import type { Result } from "../result/result.ts";
import { failure } from "../socket/errors.ts";
import { output } from "./output.ts";

/** Writes a whole file; `-` is standard output. */
export type Write = (text: string) => Promise<void>;

/**
 * Opens a file to be written once there is something to write, so that a path
 * that can't be written is known before the work is done.
 * @throws SounderError that names it
 */
export function outputFile(path: string | undefined): Write | undefined {
  if (path === undefined) return undefined;
  if (path === "-") return output;
  const action = `cannot write ${path}`;
  try {
    const file = openSync(path, "w");
    return async (text) => {
      try {
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

/** Where a result goes to: files that were asked for, and the page. */
export async function showResult(
  result: Result,
  files: { json: Write | undefined; html: Write | undefined },
): Promise<void> {
  await files.html?.(htmlReport(result));
  await files.json?.(`${JSON.stringify(result, null, 2)}\n`);
  // Standard output is the JSON's then, for the script that reads it.
  if (files.json !== output) {
    await output(page(result, screen()));
  }
}

/** How a page is to be laid out for standard output. */
export function screen(): { width: number; colour: boolean } {
  const { isTTY, columns = 80 } = process.stdout;
  const colour = Boolean(isTTY) && !process.env["NO_COLOR"];
  return { width: columns, colour };
}
