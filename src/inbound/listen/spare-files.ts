import { closeSync, openSync } from "node:fs";

import { codeOf } from "../../errors/errors.ts";

/** Enough for a few questions to the admin pages. */
const SPARE = 8;

/**
 * Opens so many files; undefined where no descriptors are left for them. Where
 * it fails for another reason, as without /dev, none are opened.
 */
function openFiles(count: number): number[] | undefined {
  const files: number[] = [];
  try {
    while (files.length < count) files.push(openSync("/dev/null", "r"));
    return files;
  } catch (error) {
    closeFiles(files);
    const code = codeOf(error);
    return code === "EMFILE" || code === "ENFILE" ? undefined : [];
  }
}

function closeFiles(files: readonly number[]): void {
  for (const file of files) closeSync(file);
}

/** File descriptors in reserve, released when no others are left. */
export class SpareFiles {
  private files: readonly number[] = [];

  /** Whether one more could be opened now. */
  areMore(): boolean {
    const files = openFiles(1);
    closeFiles(files ?? []);
    return files !== undefined;
  }

  /**
   * Takes them, where as many again are left to others: taking them must not be
   * what makes files run out.
   */
  take(): boolean {
    const files = openFiles(2 * SPARE);
    if (files === undefined) return false;
    closeFiles(files.slice(SPARE));
    this.files = files.slice(0, SPARE);
    return true;
  }

  give(): void {
    closeFiles(this.files);
    this.files = [];
  }
}
