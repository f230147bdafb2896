import type { Fate } from "./segment.ts";

/** Sizes that are tried at once: each lost one takes more than half a second. */
const AT_ONCE = 31;

/**
 * Looks for the largest size that passes, between one that does and one that
 * does not.
 * @param tried what becomes of a segment of a size
 * @returns undefined where what was seen contradicts itself
 */
export async function largestPassing(
  passes: number,
  lost: number,
  tried: (size: number) => Promise<Fate>,
): Promise<number | undefined> {
  let [low, high] = [passes, lost];
  while (high - low > 1) {
    const sizes = between(low, high);
    const fates = await Promise.all(sizes.map(tried));
    const firstLost = fates.findIndex((fate) => fate !== "passed");
    if (firstLost >= 0 && fates[firstLost] === "unknown") return undefined;
    if (
      fates.slice(Math.max(firstLost, 0)).includes("passed") &&
      firstLost >= 0
    ) {
      return undefined;
    }
    if (firstLost >= 0) high = sizes[firstLost]!;
    const below = firstLost < 0 ? sizes.length : firstLost;
    low = sizes[below - 1] ?? low;
  }
  return low;
}

/** Evenly, without the two themselves. */
function between(low: number, high: number): number[] {
  const count = Math.min(AT_ONCE, high - low - 1);
  const sizes = Array.from({ length: count }, (_, index) =>
    Math.round(low + ((index + 1) * (high - low)) / (count + 1)),
  );
  return [...new Set(sizes)].filter((size) => size > low && size < high);
}
