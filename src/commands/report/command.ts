import { runnable, type Runnable } from "../shared/command.ts";
import {
  DocumentedCommand,
  type Example,
} from "../shared/documented-command.ts";
import { GROUPS } from "./flags.ts";

const EXAMPLES: readonly Example[] = [
  ["sounder report run.json", "the page again"],
  ["sounder report run.json --html run.html", "to look at"],
  ["sounder report one.json two.json", "one result of several machines' runs"],
  ["cat *.json | sounder report -", "the same, of all that are there"],
  [
    "sounder report --compare before.json after.json",
    "two of load, or of check",
  ],
];

export const report: Runnable = runnable(
  new DocumentedCommand("report")
    .summary("show, merge or compare results of load and check")
    .description(
      "Shows a result that load or check wrote with --json. Of load, several " +
        "are merged: runs " +
        "that several machines made at the same time, against the same " +
        "target. Exits with 1 if the verdict is fail.",
    )
    .argument("<file...>", "written by --json; - is standard input")
    .examples(EXAMPLES),
  GROUPS,
  async (files: string[], flags) => {
    const { show } = await import("./run.ts");
    return show(files, flags);
  },
);
