import { readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dir, "../..");

/** A file of the project, by its path in it. */
export function pathOf(path: string): string {
  return join(ROOT, path);
}

export function textOf(path: string): string {
  return readFileSync(pathOf(path), "utf8");
}

/** Text in which each of some places is another; all of them must be there. */
export function replaced(
  text: string,
  places: readonly (readonly [string, string])[],
): string {
  for (const [place, instead] of places) {
    if (!text.includes(place)) throw new Error(`it has no ${place}`);
    text = text.replaceAll(place, instead);
  }
  return text;
}
