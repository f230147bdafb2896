import type { LoadConnection } from "./connection.ts";

/** `[Sun Nov  1 09:05:07 2026] `, as a stamping server puts before a chunk. */
const STAMP_LENGTH = 27;
const OPENING = 0x5b;

/**
 * Skips a stamp, or the part of one that `chunk` has at `at`: no payload holds
 * its first byte, so it is known wherever chunks were split or merged.
 * @returns where the payload goes on
 */
export function skipStamp(
  connection: LoadConnection,
  chunk: Buffer,
  at: number,
): number {
  if (connection.stampLeft === 0 && chunk[at] === OPENING) {
    connection.stampLeft = STAMP_LENGTH;
  }
  const skipped = Math.min(connection.stampLeft, chunk.length - at);
  connection.stampLeft -= skipped;
  return at + skipped;
}

/** Where the payload that begins at `at` ends: at a stamp, or with the chunk. */
export function nextStamp(chunk: Buffer, at: number): number {
  const found = chunk.indexOf(OPENING, at);
  return found < 0 ? chunk.length : found;
}
