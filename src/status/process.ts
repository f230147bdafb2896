/**
 * Milliseconds since 1970 by a clock that was right when this process began,
 * and that nobody puts forward: what lies between two of them has passed.
 */
export function steadyTime(): number {
  return Math.round(performance.timeOrigin + performance.now());
}

let lastMemory = 0;

/**
 * Bytes of memory that are resident, of this process. Without a file descriptor
 * left they can't be read: then they are what they were.
 */
export function residentMemory(): number {
  try {
    lastMemory = process.memoryUsage.rss();
  } catch {}
  return lastMemory;
}
