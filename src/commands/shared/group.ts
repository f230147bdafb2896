import type { Command } from "commander";

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

/** A command, and what it does. */
export interface Runnable {
  command: Command;
  /** Is given the command's arguments and flags. @returns the exit status */
  run(...given: never[]): Promise<number>;
  /** No part of the help: for processes that we start ourselves. */
  hidden?: true;
}

/** @param run is given the command's argument, and its flags */
export function runnable<Argument, const Groups extends readonly Group[]>(
  command: Command,
  groups: Groups,
  run: (argument: Argument, flags: FlagsOf<Groups>) => Promise<number>,
): Runnable {
  for (const { flags } of groups) {
    for (const flag of Object.values(flags)) command.addOption(flag);
  }
  return { command, run };
}
