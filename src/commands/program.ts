import { Command, CommanderError } from "commander";

import { version } from "../../package.json" with { type: "json" };
import { asSounderError } from "../errors/errors.ts";
import { advised } from "./shared/advice.ts";
import { clientCommand } from "./client/flags.ts";
import { loadCommand, loadWorkerCommand } from "./load/flags.ts";
import { MISTAKE } from "./shared/options.ts";
import { reportCommand } from "./report/flags.ts";
import { output } from "./shared/output.ts";
import { complain, said } from "./shared/say.ts";
import { screenOf } from "./shared/screen.ts";
import { serverCommand, serverWorkerCommand } from "./server/flags.ts";

const FAILED = 1;

/** An option to those who use it, a command to the parser. */
const SELF_TEST = "--self-test";

function selfTestCommand(finish: (status: number) => void): Command {
  return new Command(SELF_TEST.slice(2)).action(async () => {
    const { selfTest } = await import("./self-test/run.ts");
    finish(await selfTest());
  });
}

/** Reads the command line and does what it says. */
export async function run(
  argv: readonly string[],
  exit: (status: number) => void,
): Promise<void> {
  /** What was said last is not lost on a slow reader. */
  function finish(status: number): void {
    void said.emptied().then(() => exit(status));
  }
  // The last resort: a line, and not the runtime's stack trace.
  for (const event of ["uncaughtException", "unhandledRejection"]) {
    process.on(event, (error) => finish(report(error)));
  }
  const program = new Command("sounder")
    .description(
      "Sounds a TCP path: sends bytes and learns from what comes back.",
    )
    .version(version)
    .option(SELF_TEST, "prove in a few seconds that it works here")
    .showSuggestionAfterError()
    .hook("preAction", () => {
      if (program.opts()["selfTest"])
        program.error(`${SELF_TEST} stands alone`);
    })
    .addCommand(serverCommand(finish))
    .addCommand(serverWorkerCommand(finish), { hidden: true })
    .addCommand(clientCommand(finish))
    .addCommand(loadCommand(finish))
    .addCommand(reportCommand(finish))
    .addCommand(loadWorkerCommand(finish), { hidden: true })
    .addCommand(selfTestCommand(finish), { hidden: true });
  let help = "";
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => (help += text),
      // No command at all is told by the help.
      writeErr: (text) => said.add(text.trimEnd()),
      outputError() {},
      getOutHelpWidth: () => screenOf(1).columns,
      getErrHelpWidth: () => screenOf(2).columns,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  }
  try {
    const [first, ...rest] = argv.slice(2);
    const command = first === SELF_TEST ? SELF_TEST.slice(2) : first;
    const line = command === undefined ? [] : [command, ...rest];
    await program.parseAsync(line, { from: "user" });
  } catch (error) {
    const status = report(error);
    finish(await output(help).then(() => status, report));
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
  complain(advised(asSounderError(error)));
  return FAILED;
}
