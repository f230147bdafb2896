import distance from "damerau-levenshtein";

/** Longer than any word that is known. */
const LONGEST = 40;

/** The word that was probably meant: at most two fifths of it are wrong. */
export function nearest(
  word: string,
  known: readonly string[],
): string | undefined {
  if (word.length > LONGEST) return undefined;
  const lower = word.toLowerCase();
  const ranked = known
    .map((candidate) => ({ candidate, away: distance(lower, candidate).steps }))
    .toSorted((a, b) => a.away - b.away);
  const best = ranked[0];
  return best !== undefined && best.away <= best.candidate.length * 0.4
    ? best.candidate
    : undefined;
}
