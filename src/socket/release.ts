/**
 * Bytes from which on it costs less to give memory back than to leave it to the
 * collector, by bench/release.bench.ts.
 */
const WORTH = 16 * 1024;

/** Gives a buffer's memory back at once; every view of it is empty then. */
export function releaseBuffer(buffer: ArrayBufferLike): void {
  if (buffer.byteLength >= WORTH) (buffer as ArrayBuffer).transfer(0);
}

/**
 * As releaseBuffer(), for a chunk that was received: the collector lets hundreds
 * of megabytes of them wait. To ask a small chunk for its buffer makes one.
 */
export function release(chunk: Uint8Array): void {
  if (chunk.length >= WORTH) releaseBuffer(chunk.buffer);
}
