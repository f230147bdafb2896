/**
 * The bytes of an answer to `send`: long enough that two places of it can't be
 * mistaken for each other, and no multiple of a segment or a buffer.
 */
const PERIOD = 65_521;

let made: Buffer | undefined;

/** Numerical Recipes' linear congruential generator, its highest byte. */
function make(): Buffer {
  const block = Buffer.alloc(2 * PERIOD);
  let state = 21_567;
  for (let at = 0; at < PERIOD; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    block[at] = block[at + PERIOD] = state >>> 24;
  }
  return block;
}

/**
 * A view of the pattern from an offset on, which is not to be changed.
 * @param most 65,521 bytes of it at most
 */
export function patternAt(offset: number, most: number): Buffer {
  made ??= make();
  const start = offset % PERIOD;
  return made.subarray(start, start + Math.min(most, PERIOD));
}
