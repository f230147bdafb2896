import type { Command, Option } from "commander";

import { DocumentedCommand } from "../shared/documented-command.ts";
import { Flag } from "../shared/flags.ts";

/** What may stand in one place. */
export interface Values {
  readonly words: readonly string[];
  /** Several of the words, with commas between. */
  readonly areJoined: boolean;
  readonly isFile: boolean;
}

export interface FlagWords extends Values {
  /** `-d` and `--duration`. */
  readonly names: readonly string[];
  readonly description: string;
  /** What its value is called; undefined if it has none. */
  readonly value: string | undefined;
  /** It may have none: its value stands behind `=`. */
  readonly isOptional: boolean;
  readonly repeats: boolean;
}

export interface CommandWords {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly FlagWords[];
  /** Of its arguments; undefined if it has none. */
  readonly arguments: Values | undefined;
  /** Another command stands behind `--`. */
  readonly runsCommand: boolean;
}

/** All that a shell can complete. */
export interface Vocabulary {
  readonly flags: readonly FlagWords[];
  readonly commands: readonly CommandWords[];
}

const HELP: FlagWords = {
  names: ["-h", "--help"],
  description: "print this help",
  value: undefined,
  isOptional: false,
  repeats: false,
  words: [],
  areJoined: false,
  isFile: false,
};

/** @param program with all of its commands; those that are hidden stay so */
export function vocabularyOf(program: DocumentedCommand): Vocabulary {
  const commands = program
    .createHelp()
    .visibleCommands(program)
    .filter((command) => command instanceof DocumentedCommand)
    .map(commandWords);
  const help: CommandWords = {
    name: "help",
    summary: "what a command can do",
    flags: [],
    arguments: valuesOf(commands.map(({ name }) => name)),
    runsCommand: false,
  };
  return { flags: flagsOf(program), commands: [...commands, help] };
}

function valuesOf(words: readonly string[]): Values {
  return { words, areJoined: false, isFile: false };
}

function commandWords(command: DocumentedCommand): CommandWords {
  const places = command.registeredArguments;
  const words = places.flatMap((place) => place.argChoices ?? []);
  return {
    name: command.name(),
    summary: command.summary(),
    flags: flagsOf(command),
    arguments:
      places.length === 0
        ? undefined
        : {
            ...valuesOf([...words, ...command.suggested]),
            isFile: places.some((place) => place.name() === "file"),
          },
    runsCommand: places.some((place) => place.name() === "command"),
  };
}

function flagsOf(command: Command): FlagWords[] {
  return [...command.options.map(flagWords), HELP];
}

function flagWords(option: Option): FlagWords {
  const [, value] = /[<[](\w+)[\]>]/.exec(option.flags) ?? [];
  const suggested = option instanceof Flag ? option.suggested : [];
  return {
    names: [option.short, option.long].filter((name) => name !== undefined),
    description: option.description,
    value,
    isOptional: option.optional,
    repeats: option instanceof Flag && option.repeats,
    words: option.argChoices ?? suggested,
    areJoined: option instanceof Flag && option.areJoined,
    isFile: value === "file",
  };
}
