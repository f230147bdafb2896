import { Command } from "commander";

import type { ShowFlags } from "./run.ts";

const EXAMPLES = `
Examples:
  sounder report run.json                  the page again
  sounder report run.json --html run.html  to look at
  sounder report one.json two.json         one result of several machines' runs
  parallel ... sounder load --json - ... | sounder report -
  sounder report --compare before.json after.json
`;

export function reportCommand(finish: (status: number) => void): Command {
  return new Command("report")
    .summary("show, merge or compare results of load")
    .description(
      "Shows a result that load wrote with --json. Several are merged: runs " +
        "that several machines made at the same time, against the same " +
        "target. Exits with 1 if the verdict is fail.",
    )
    .argument("<file...>", "written by load --json; - is standard input")
    .option("--compare", "set the first against each of the others instead")
    .option("--json <file>", "the result as JSON; - is standard output")
    .option("--html <file>", "a report to look at, in one file")
    .addHelpText("after", EXAMPLES)
    .action(async (files: string[], flags: ShowFlags, command: Command) => {
      const { readAll, show } = await import("./run.ts");
      const results = await readAll(files, command);
      if (flags.compare && results.length < 2) {
        command.error("--compare wants at least two results");
      }
      finish(await show(results, files, flags));
    });
}
