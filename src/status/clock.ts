/**
 * Milliseconds since 1970 by a clock that was right when this process began,
 * and that nobody puts forward: what lies between two of them has passed.
 */
export function steadyTime(): number {
  return Math.round(performance.timeOrigin + performance.now());
}
