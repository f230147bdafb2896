import { nearest } from "../protocol/faults/nearest.ts";
import type { Case } from "./case.ts";
import { CASES } from "./cases.ts";

export const NAMES = CASES.map(({ name }) => name);

/** Names, or patterns of them: `reset*`. */
export type Chosen = readonly string[];

function matching(pattern: string): string[] {
  const glob = new Bun.Glob(pattern);
  return NAMES.filter((name) => glob.match(name));
}

/** `reset,finish-*`: each of them is of some case. @throws RangeError */
export function parseChosen(text: string): string[] {
  const patterns = text.split(",").map((one) => one.trim());
  for (const pattern of patterns) {
    if (matching(pattern).length > 0) continue;
    const meant = nearest(pattern, NAMES);
    const hint =
      meant === undefined
        ? "--case-list names them all"
        : `did you mean ${meant}?`;
    throw new RangeError(`"${pattern}" is no case: ${hint}`);
  }
  return patterns;
}

/**
 * Those of `only`, or all, without those of `skip`.
 * @throws RangeError if none is left
 */
export function chooseCases(only: Chosen, skip: Chosen): readonly Case[] {
  const wanted = only.length === 0 ? NAMES : only.flatMap(matching);
  const unwanted = skip.flatMap(matching);
  const chosen = CASES.filter(
    ({ name }) => wanted.includes(name) && !unwanted.includes(name),
  );
  if (chosen.length > 0) return chosen;
  throw new RangeError("--only and --skip leave no case");
}
