/**
 * The highest and the lowest of any number of values: the seconds of some days
 * are more than a call can have arguments.
 */
export function highest(values: readonly number[], least = -Infinity): number {
  return values.reduce((high, value) => Math.max(high, value), least);
}

export function lowest(values: readonly number[], most = Infinity): number {
  return values.reduce((low, value) => Math.min(low, value), most);
}
