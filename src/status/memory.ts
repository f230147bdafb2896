let last = 0;

/**
 * Bytes of memory that are resident, of this process. Without a file descriptor
 * left they can't be read: then they are what they were.
 */
export function residentMemory(): number {
  try {
    last = process.memoryUsage.rss();
  } catch {}
  return last;
}
