import { highest, meanOf, sumOf } from "./aggregates.ts";

/** Fewer seconds don't show how far they depend on each other. */
const FEWEST = 8;
/** Batches are made longer while there are at least so many. */
const BATCHES = 4;
/** A run of so many seconds is long: a batch of a third of it will do. */
const LONG = 24;

/** The normal distribution's 97.5 %. */
export const Z = 1.959964;

/** Student's t, 97.5 %; beyond the table by Cornish and Fisher's expansion. */
export function studentT(degrees: number): number {
  const exact = [12.7062, 4.3027, 3.1824, 2.7764][degrees - 1];
  if (exact !== undefined) return exact;
  return (
    Z +
    (Z ** 3 + Z) / (4 * degrees) +
    (5 * Z ** 5 + 16 * Z ** 3 + 3 * Z) / (96 * degrees ** 2) +
    (3 * Z ** 7 + 19 * Z ** 5 + 17 * Z ** 3 - 15 * Z) / (384 * degrees ** 3)
  );
}

/**
 * How far the mean of a run's seconds may be off, 95 %, by Student's t over
 * batches of them (batch means; Law and Kelton, "Simulation Modeling and
 * Analysis", 9.5.3); null where there are too few.
 *
 * A second may resemble the one before it, and then counts for less than one:
 * their own scatter says too little. That of longer batches says more, but there
 * are fewer of them, so the widest of several lengths is taken. Where neighbours
 * resemble each other for all to see, nothing below a third of the run will do,
 * or a half of a short one.
 */
export function marginOf(seconds: readonly number[]): number | null {
  const count = seconds.length;
  if (count < FEWEST) return null;
  const lengths: number[] = [];
  for (let length = 1; count / length >= BATCHES; length *= 2) {
    lengths.push(length);
  }
  if (resembleNeighbours(seconds)) {
    lengths.push(Math.floor(count / (count < LONG ? 2 : 3)));
  }
  return highest(
    lengths.map((length) => studentMargin(batches(seconds, length))),
  );
}

function batches(seconds: readonly number[], length: number): number[] {
  return Array.from({ length: Math.floor(seconds.length / length) }, (_, at) =>
    meanOf(seconds.slice(at * length, (at + 1) * length)),
  );
}

function studentMargin(values: readonly number[]): number {
  const n = values.length;
  const mean = meanOf(values);
  const squares = sumOf(values.map((value) => (value - mean) ** 2));
  return studentT(n - 1) * Math.sqrt(squares / (n - 1) / n);
}

/** Whether their correlation is above its standard error, 1 / √n. */
function resembleNeighbours(seconds: readonly number[]): boolean {
  const n = seconds.length;
  const mean = meanOf(seconds);
  let squares = 0;
  let products = 0;
  for (const [at, value] of seconds.entries()) {
    squares += (value - mean) ** 2;
    if (at > 0) products += (value - mean) * (seconds[at - 1]! - mean);
  }
  // Of independent values it is expected to be 1 / n below 0.
  return products / squares + 1 / n > 1 / Math.sqrt(n);
}
