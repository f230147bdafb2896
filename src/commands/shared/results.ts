import { printableJson } from "../../printable.ts";
import { output } from "./output.ts";
import type { Write } from "./result-files.ts";
import { say } from "./say.ts";
import { screenOf } from "./screen.ts";

/**
 * Writes the files that were asked for, and prints the page, unless standard
 * output is one of the files: a program reads it then. A file that can't be
 * written keeps none of the others from being written.
 *
 * @param contents of each file
 * @param failed why the verdict is "fail", where it is: told in any case
 * @throws SounderError that names the first file that can't be written
 */
export async function showResult<Flag extends string>(
  files: Partial<Record<Flag, Write>>,
  contents: Record<Flag, () => string>,
  page: () => string,
  failed: string | undefined,
): Promise<void> {
  const asked = Object.entries<Write | undefined>(files) as [Flag, Write][];
  const written = await Promise.allSettled(
    asked.map(async ([flag, write]) => write(contents[flag]())),
  );
  if (!asked.some(([, write]) => write === output)) await output(page());
  else if (failed !== undefined) say(`FAIL  ${failed}`);
  for (const one of written) if (one.status === "rejected") throw one.reason;
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
