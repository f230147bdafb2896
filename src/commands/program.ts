import { Command, CommanderError } from "commander";

import { version } from "../../package.json" with { type: "json" };
import { SounderError } from "../socket/errors.ts";
import { advised } from "./advice.ts";
import { clientCommand } from "./client.ts";
import { loadCommand, loadWorkerCommand } from "./load.ts";
import { MISTAKE } from "./options.ts";
import { reportCommand } from "./report.ts";
import { complain, said } from "./say.ts";
import { serverCommand, serverWorkerCommand } from "./server.ts";

const FAILED = 1;

/** Reads the command line and does what it says. */
export async function run(
  argv: readonly string[],
  exit: (status: number) => void,
): Promise<void> {
  /** What was said last is not lost on a slow reader. */
  function finish(status: number): void {
    void said.emptied().then(() => exit(status));
  }
  const program = new Command("sounder")
    .description(
      "Sounds a TCP path: sends bytes and learns from what comes back.",
    )
    .version(version)
    .showSuggestionAfterError()
    .addCommand(serverCommand(finish))
    .addCommand(serverWorkerCommand(finish), { hidden: true })
    .addCommand(clientCommand(finish))
    .addCommand(loadCommand(finish))
    .addCommand(reportCommand(finish))
    .addCommand(loadWorkerCommand(finish), { hidden: true });
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({ outputError() {} });
  }
  try {
    await program.parseAsync(argv);
  } catch (error) {
    finish(report(error));
  }
}

/** Tells what went wrong, in a line, and gives its exit status. */
function report(error: unknown): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    // No command at all: the help is on the screen.
    if (error.code === "commander.help") return MISTAKE;
    complain(error.message.replace(/^error: /, "").replace(/\n/g, " "));
    return MISTAKE;
  }
  if (!(error instanceof SounderError)) throw error;
  complain(advised(error));
  return FAILED;
}
