/** What a client printed, against what it prints without a fault. */

const NEWLINE = 0x0a;

export interface Expected {
  bytes: Uint8Array;
  /** Lines, from 0, that differ from run to run: a time, a port. */
  varying: ReadonlySet<number>;
}

export type Difference =
  | { is: "same" | "empty" | "cut" | "longer" }
  /** The first byte that differs, or its line where some lines vary. */
  | { is: "altered"; byte: number; line: number };

/** Each with its newline. */
function linesOf(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  let start = 0;
  while (start < bytes.length) {
    const end = bytes.indexOf(NEWLINE, start);
    const next = end < 0 ? bytes.length : end + 1;
    lines.push(bytes.subarray(start, next));
    start = next;
  }
  return lines;
}

/** @returns undefined where two runs can't be compared line by line */
export function expectedOf(
  one: Uint8Array,
  other: Uint8Array,
): Expected | undefined {
  if (Buffer.compare(one, other) === 0)
    return { bytes: one, varying: new Set() };
  const lines = linesOf(one);
  const others = linesOf(other);
  if (lines.length !== others.length) return undefined;
  const differ = lines.map((line, n) => Buffer.compare(line, others[n]!) !== 0);
  return {
    bytes: one,
    varying: new Set(differ.flatMap((differs, n) => (differs ? [n] : []))),
  };
}

/** Without what its varying lines say. */
function steady(bytes: Uint8Array, varying: ReadonlySet<number>): Uint8Array {
  if (varying.size === 0) return bytes;
  const kept = linesOf(bytes).map((line, n) => {
    if (!varying.has(n)) return line;
    return line.at(-1) === NEWLINE ? line.subarray(-1) : line.subarray(0, 0);
  });
  return Buffer.concat(kept);
}

export function difference(
  { bytes, varying }: Expected,
  got: Uint8Array,
): Difference {
  const wanted = steady(bytes, varying);
  const seen = steady(got, varying);
  if (Buffer.compare(wanted, seen) === 0) return { is: "same" };
  if (got.length === 0) return { is: "empty" };
  const common = Math.min(wanted.length, seen.length);
  let byte = 0;
  while (byte < common && wanted[byte] === seen[byte]) byte += 1;
  if (byte === seen.length) return { is: "cut" };
  if (byte === wanted.length) return { is: "longer" };
  const line = linesOf(seen.subarray(0, byte + 1)).length;
  return { is: "altered", byte, line };
}
