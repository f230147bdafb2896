import { Command, Help } from "commander";

import { wrap } from "../../report/text/layout.ts";

/** A command line, and what it does where that needs to be told. */
export type Example = readonly [line: string, meaning?: string];

/** A command that tells how it is used before it tells what can be given. */
export class DocumentedCommand extends Command {
  /** What examples() was given. */
  shown: readonly Example[] = [];
  /** What notes() was given. */
  noted = "";
  /** What suggest() was given. */
  suggested: readonly string[] = [];

  constructor(name: string) {
    super(name);
    this.helpOption("-h, --help", "print this help");
  }

  /** What stands in the help before all arguments and flags. */
  examples(examples: readonly Example[]): this {
    this.shown = examples;
    return this;
  }

  /** A paragraph behind the examples. */
  notes(text: string): this {
    this.noted = text;
    return this;
  }

  /** Words that a shell offers for its arguments, which may be others. */
  suggest(...words: string[]): this {
    this.suggested = words;
    return this;
  }

  override createHelp(): Help {
    return Object.assign(new ExamplesFirst(), this.configureHelp());
  }
}

class ExamplesFirst extends Help {
  override subcommandTerm(command: Command): string {
    // Its arguments are in its own help; here they would crowd out what it does.
    return command.name();
  }

  override formatHelp(command: Command, helper: Help): string {
    const width = helper.helpWidth ?? 80;
    const usage = `Usage: ${helper.commandUsage(command)}\n\n`;
    const description = helper.commandDescription(command);
    const head = `${usage}${helper.boxWrap(description, width)}\n\n`;
    const whole = super.formatHelp(command, helper);
    if (!(command instanceof DocumentedCommand)) return whole;
    if (!whole.startsWith(head)) throw new Error("the parser's help changed");
    return head + examplesText(command, width) + whole.slice(head.length);
  }
}

/** The widest column of command lines with their meaning beside them. */
const COLUMN_MAX = 42;

function examplesText(command: DocumentedCommand, width: number): string {
  const { shown, noted } = command;
  if (shown.length === 0) return "";
  const beside = shown.filter(
    ([line, meaning]) => meaning !== undefined && line.length <= COLUMN_MAX,
  );
  const column = 4 + Math.max(0, ...beside.map(([line]) => line.length));
  const lines = shown.flatMap((example) =>
    exampleLines(example, column, width),
  );
  const notes = noted === "" ? [] : ["", ...wrap(noted, width)];
  return `${["Examples:", ...lines, ...notes].join("\n")}\n\n`;
}

function exampleLines(
  [line, meaning]: Example,
  column: number,
  width: number,
): string[] {
  if (meaning === undefined) return [`  ${line}`];
  const one = `  ${line}  `.padEnd(column) + meaning;
  if (one.length <= width) return [one];
  const indent = Math.max(4, Math.min(column, width - meaning.length));
  return [`  ${line}`, " ".repeat(indent) + meaning];
}
