/**
 * The percentiles that a result tells, by their keys in it, the lowest first:
 * its JSON, the pages, the reports and comparisons have these and no others.
 */
export const PERCENTILES = {
  p50: 50,
  p90: 90,
  p99: 99,
  p999: 99.9,
  p9999: 99.99,
} as const;

export type Percentile = keyof typeof PERCENTILES;

export const PERCENTILE_KEYS = Object.keys(PERCENTILES) as Percentile[];

/** `p99.9` */
export function nameOf(key: Percentile): string {
  return `p${PERCENTILES[key]}`;
}

/** Something of each of them, by its key. */
export function byPercentile<T>(
  of: (key: Percentile) => T,
): Record<Percentile, T> {
  const entries = PERCENTILE_KEYS.map((key) => [key, of(key)]);
  return Object.fromEntries(entries) as Record<Percentile, T>;
}
