import { STAMP_FORM, STAMP_LENGTH, STAMP_OPENING } from "./form.ts";

/** How far a stream of stamped chunks has been read. */
export interface StampPlace {
  /** Bytes of a stamp that are still to come; 0 between stamps. */
  stampLeft: number;
}

/** Whether a byte may stand at a place of a stamp: 256 entries for each place. */
const ALLOWED = Uint8Array.from({ length: STAMP_LENGTH * 256 }, (_, index) => {
  const form = STAMP_FORM[index >> 8]!;
  const byte = String.fromCharCode(index & 255);
  if (form === "A") return Number(/[A-Za-z]/.test(byte));
  if (form === "0") return Number(/[0-9]/.test(byte));
  if (form === "_") return Number(/[ 0-9]/.test(byte));
  return Number(form === byte);
});

/**
 * Skips a stamp, or the part of one that `chunk` has at `at`: no payload holds
 * its first byte, so it is known wherever chunks were split or merged.
 * @returns where the payload goes on
 */
export function skipStamp(
  place: StampPlace,
  chunk: Buffer,
  at: number,
): number {
  if (place.stampLeft === 0 && chunk[at] === STAMP_OPENING) {
    place.stampLeft = STAMP_LENGTH;
  }
  const skipped = Math.min(place.stampLeft, chunk.length - at);
  place.stampLeft -= skipped;
  return at + skipped;
}

/**
 * How many bytes of a stamp, or of the part of one from `at` to `end`, are none
 * that can stand there. Which second it tells is the server's affair.
 * @param left how many of its bytes are still to come
 */
export function damageOf(
  chunk: Buffer,
  at: number,
  end: number,
  left: number,
): number {
  let damage = 0;
  let place = STAMP_LENGTH - left - (end - at);
  for (let index = at; index < end; index += 1) {
    damage += 1 - ALLOWED[place * 256 + chunk[index]!]!;
    place += 1;
  }
  return damage;
}

/** Where the payload that begins at `at` ends: at a stamp, or with the chunk. */
export function nextStamp(chunk: Buffer, at: number): number {
  const found = chunk.indexOf(STAMP_OPENING, at);
  return found < 0 ? chunk.length : found;
}
