import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Files of src as text. It runs while the program is built, or read from its
 * source: an executable has no files, and a module can't be text as well.
 */
export function sources(...paths: readonly string[]): string[] {
  return paths.map((path) =>
    readFileSync(join(import.meta.dir, "../..", path), "utf8"),
  );
}
