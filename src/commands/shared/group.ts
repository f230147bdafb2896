import type { Flag } from "./flags.ts";

type Flags = Readonly<Record<string, Flag<unknown>>>;

/** Flags that stand together in the help, each by the name of its value. */
export interface Group<Of extends Flags = Flags> {
  readonly flags: Of;
}

type Simple<T> = { [Key in keyof T]: T[Key] } & {};

type Intersection<Union> = (
  Union extends unknown ? (one: Union) => void : never
) extends (all: infer All) => void
  ? All
  : never;

type ValuesOf<Of extends Flags> = { [Name in keyof Of]: Of[Name]["value"] };

/** The values of some groups' flags. */
export type FlagsOf<Groups extends readonly Group[]> = Simple<
  Intersection<ValuesOf<Groups[number]["flags"]>>
>;

/** @param heading above them in the help */
export function group<const Of extends Flags>(
  heading: string,
  flags: Of,
): Group<Of> {
  for (const flag of Object.values(flags)) flag.helpGroup(heading);
  return { flags };
}

/** The values of one group alone. */
export function pick<Of extends Flags>(
  values: ValuesOf<Of>,
  { flags }: Group<Of>,
): ValuesOf<Of> {
  const names = Object.keys(flags);
  return Object.fromEntries(
    names.map((name) => [name, values[name]]),
  ) as ValuesOf<Of>;
}
