/**
 * Aggregates of any number of values: the seconds of some days are more than a
 * call can have arguments.
 */
export function highest(values: readonly number[], least = -Infinity): number {
  return values.reduce((high, value) => Math.max(high, value), least);
}

export function lowest(values: readonly number[], most = Infinity): number {
  return values.reduce((low, value) => Math.min(low, value), most);
}

export function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

export function meanOf(values: readonly number[]): number {
  return sumOf(values) / values.length;
}
