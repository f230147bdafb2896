import { wordsOf } from "../../errors/codes.ts";
import { formatCount } from "../../units.ts";

/** `3 × ECONNRESET (the peer reset the connection), …`, the most first. */
export function listOf(errors: Iterable<[string, number]>): string {
  return [...errors]
    .toSorted(([, a], [, b]) => b - a)
    .map(
      ([code, count]) => `${formatCount(count)} × ${code} (${wordsOf(code)})`,
    )
    .join(", ");
}
