import type { Command } from "commander";

import type { FlagsOf, Group } from "./group.ts";

/** A command, and what it does. */
export interface Runnable {
  command: Command;
  /** Is given the command's arguments and flags. @returns the exit status */
  run(...given: never[]): Promise<number>;
  /** No part of the help: for processes that we start ourselves. */
  hidden?: true;
}

/** A command of one argument, which may be several of a kind. */
export function runnable<Argument, const Groups extends readonly Group[]>(
  command: Command,
  groups: Groups,
  run: (argument: Argument, flags: FlagsOf<Groups>) => Promise<number>,
): Runnable {
  return { command: withFlags(command, groups), run };
}

export function withFlags(command: Command, groups: readonly Group[]): Command {
  for (const { flags } of groups) {
    for (const flag of Object.values(flags)) command.addOption(flag);
  }
  return command;
}
