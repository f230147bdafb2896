import { Command, CommanderError } from "commander";

import { version } from "../../package.json" with { type: "json" };
import { asSounderError } from "../errors/errors.ts";
import { client } from "./client/command.ts";
import { load, loadWorker } from "./load/command.ts";
import { proxy } from "./proxy/command.ts";
import { report } from "./report/command.ts";
import { SELF_TEST, selfTest } from "./self-test/command.ts";
import { server, serverWorker } from "./server/command.ts";
import { advised } from "./shared/advice.ts";
import type { Runnable } from "./shared/command.ts";
import { MISTAKE, mistake } from "./shared/mistake.ts";
import { output } from "./shared/output.ts";
import { complain, said } from "./shared/say.ts";
import { screenOf } from "./shared/screen.ts";
import { trial } from "./trial/command.ts";

const FAILED = 1;

/** In the order of the help. */
const COMMANDS: readonly Runnable[] = [
  server,
  client,
  load,
  proxy,
  trial,
  report,
  selfTest,
  serverWorker,
  loadWorker,
];

const EXAMPLES = `
Examples:
  sounder server                        send every byte back
  sounder client                        to that server: type a line
  sounder load                          how fast is it?
  sounder load --help                   all that a command can do
`;

/**
 * Reads the command line and does what it says.
 * @returns the exit status, once all that was said has been read
 */
export async function run(argv: readonly string[]): Promise<number> {
  const { promise: fault, resolve } = Promise.withResolvers<number>();
  // The last resort: a line, and not the runtime's stack trace.
  for (const event of ["uncaughtException", "unhandledRejection"]) {
    process.on(event, (error) => resolve(tell(error)));
  }
  const status = await Promise.race([perform(argv), fault]);
  await said.emptied();
  return status;
}

async function perform(argv: readonly string[]): Promise<number> {
  let status = 0;
  let help = "";
  const program = new Command("sounder")
    .description(
      "Sounds a TCP path: sends bytes and learns from what comes back.",
    )
    .version(version)
    .option(SELF_TEST, "prove in a few seconds that it works here")
    .addHelpText("after", EXAMPLES)
    .hook("preAction", () => {
      if (program.opts()["selfTest"])
        throw mistake(`${SELF_TEST} stands alone`);
    });
  for (const { command, run: act, hidden = false } of COMMANDS) {
    program.addCommand(
      command.action(async (...given: unknown[]) => {
        status = await act(...(given as never[]));
      }),
      { hidden },
    );
  }
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
    await program.parseAsync(lineOf(argv, program), { from: "user" });
    return status;
  } catch (error) {
    const failed = tell(error);
    return output(help).then(() => failed, tell);
  }
}

/** What the parser is given. */
function lineOf(argv: readonly string[], program: Command): string[] {
  const [first, ...rest] = argv.slice(2);
  if (first === SELF_TEST) return [SELF_TEST.slice(2), ...rest];
  const [topic] = rest;
  const known = program.commands.some((command) => command.name() === topic);
  // To help with what it does not know, the parser would show all help.
  if (first === "help" && topic !== undefined && !known) return rest;
  return argv.slice(2);
}

/** Tells what went wrong, in a line. @returns its exit status */
function tell(error: unknown): number {
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
