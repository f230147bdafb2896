/**
 * Writes man/sounder.1, of what --help is made of:
 *
 *   bun run man
 */
import { join } from "node:path";

import type { Command, Help } from "commander";

import { version } from "../package.json" with { type: "json" };
import { wrap } from "../src/report/text/layout.ts";
import { wholeProgram } from "../src/commands/program.ts";
import { DocumentedCommand } from "../src/commands/shared/documented-command.ts";

const ROOT = join(import.meta.dir, "..");
/** What mandoc wants of lines of text. */
const COLUMNS = 78;
const PAGE = join(ROOT, "man/sounder.1");

/** A text without what roff takes for its own. */
function plain(text: string): string {
  return text
    .replaceAll("\\", String.raw`\e`)
    .replaceAll("-", String.raw`\-`)
    .replaceAll("…", "...");
}

/** A text as an argument of a request. */
function argument(text: string): string {
  return `"${plain(text).replaceAll('"', '""')}"`;
}

/** A text in lines that are no requests, broken where it is. */
function paragraphs(text: string): string[] {
  return text
    .split("\n")
    .flatMap((line, index) => [
      ...(index > 0 ? [".br"] : []),
      ...wrap(plain(line), COLUMNS).map((part) =>
        part.replace(/^[.']/, String.raw`\&$&`),
      ),
    ]);
}

function item(term: string, text: string): string[] {
  return [".TP", `.B ${argument(term)}`, ...paragraphs(text)];
}

function examples({ shown, noted }: DocumentedCommand): string[] {
  const lines = shown.flatMap(([line, meaning]) => [
    ".TP",
    `.B ${argument(line)}`,
    ...(meaning === undefined ? [String.raw`\&`] : paragraphs(meaning)),
  ]);
  return [...lines, ...(noted === "" ? [] : [".PP", ...paragraphs(noted)])];
}

/** Arguments, and flags under the headings of the help. */
function given(command: Command, help: Help): string[] {
  const places = help
    .visibleArguments(command)
    .flatMap((one) => item(one.name(), help.argumentDescription(one)));
  const flags = Map.groupBy(
    help.visibleOptions(command),
    (option) => option.helpGroupHeading ?? "Options:",
  );
  const groups = [...flags].flatMap(([heading, options]) => [
    ".PP",
    `.I ${argument(heading.replace(/:$/, ""))}`,
    ...options.flatMap((one) =>
      item(help.optionTerm(one), help.optionDescription(one)),
    ),
  ]);
  const heading = places.length > 0 ? [".PP", ".I Arguments"] : [];
  return [...heading, ...places, ...groups];
}

function commandSection(command: DocumentedCommand): string[] {
  const help = command.createHelp();
  return [
    `.SS ${argument(help.commandUsage(command))}`,
    ...paragraphs(help.commandDescription(command)),
    ".PP",
    ".I Examples",
    ...examples(command),
    ...given(command, help),
  ];
}

/** The day of this version's release, as the changelog has it. */
async function dateOf(wanted: string): Promise<string> {
  const changes = await Bun.file(join(ROOT, "CHANGELOG.md")).text();
  const heading = changes
    .split("\n")
    .find((line) => line.startsWith(`## [${wanted}] - `));
  if (heading === undefined) {
    throw new Error(`CHANGELOG.md has no date for ${wanted}`);
  }
  return heading.split(" - ")[1]!.trim();
}

const STATUSES: readonly (readonly [string, string])[] = [
  ["0", "all is fine."],
  [
    "1",
    "it failed: it could not listen or connect, bytes were lost or wrong, or a goal or expectation was missed.",
  ],
  ["2", "the command line has a mistake."],
  [
    "130",
    "it was ended by Ctrl-C; server and proxy stop gracefully then, with 0.",
  ],
];

/** The whole page. */
export async function manPage(): Promise<string> {
  const program = await wholeProgram();
  const help = program.createHelp();
  const commands = program.commands.filter(
    (command) => command instanceof DocumentedCommand,
  );
  const lines = [
    String.raw`.\" Made by: bun run man`,
    `.TH SOUNDER 1 ${await dateOf(version)} ${argument(`sounder ${version}`)}`,
    ".SH NAME",
    String.raw`sounder \- echo server, client, load generator and path checker`,
    ".SH SYNOPSIS",
    ...commands.flatMap((command, index) => [
      ...(index > 0 ? [".br"] : []),
      plain(help.commandUsage(command).replaceAll(/ +/g, " ")),
    ]),
    ".SH DESCRIPTION",
    ...paragraphs(help.commandDescription(program)),
    ".PP",
    ...paragraphs(
      "Sizes are written as 64, 16KiB or 4MB, durations as 500ms, 10s or 1h30m, counts as 10k.",
    ),
    ".SH EXAMPLES",
    ...examples(program),
    ".SH OPTIONS",
    ...help
      .visibleOptions(program)
      .flatMap((one) =>
        item(help.optionTerm(one), help.optionDescription(one)),
      ),
    ".SH COMMANDS",
    ...commands.flatMap(commandSection),
    ".SH EXIT STATUS",
    ...STATUSES.flatMap(([status, text]) => item(status, text)),
  ];
  return `${lines.join("\n")}\n`;
}

if (import.meta.main) await Bun.write(PAGE, await manPage());
