/**
 * - `harmless`: slow, but whole: the client has to end as without the fault.
 * - `harmful`: the client can't know the whole answer, or has to ask again; it
 *   may fail, but must not hang, crash or take what it got for the answer.
 */
export type Kind = "harmless" | "harmful";

export interface Case {
  name: string;
  kind: Kind;
  /** In the order in which they stack; none where nobody listens. */
  faults: readonly string[];
  /** The one of them that has to act. */
  about: string | undefined;
  /** What does this in real life. */
  imitates: string;
  /** What a client should do then. */
  should: string;
  /** What a client has to do for the fault to act, where not each one does it. */
  needs?: string;
}

/**
 * A fault, and others before and behind it that see to it that it meets every
 * client at the same point, however fast either of them is.
 */
export interface Timed {
  before?: readonly string[];
  fault: string;
  behind?: readonly string[];
}

/** A row of the table. */
export type Row = readonly [
  name: string,
  fault: string | Timed | undefined,
  imitates: string,
  should: string,
  needs?: string,
];

export function cases(kind: Kind, rows: readonly Row[]): Case[] {
  return rows.map(([name, given, imitates, should, needs]) => {
    const timed = typeof given === "string" ? { fault: given } : given;
    const { before = [], fault, behind = [] }: Partial<Timed> = timed ?? {};
    const faults = fault === undefined ? [] : [...before, fault, ...behind];
    const told = { name, kind, faults, about: fault, imitates, should };
    return needs === undefined ? told : { ...told, needs };
  });
}
