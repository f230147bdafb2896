import { CommanderError } from "commander";

import { version } from "../../package.json" with { type: "json" };
import { asSounderError } from "../errors/errors.ts";
import { LOAD_WORKER, SERVER_WORKER } from "../workers/commands.ts";
import { advised } from "./shared/advice.ts";
import type { Runnable } from "./shared/command.ts";
import {
  DocumentedCommand,
  type Example,
} from "./shared/documented-command.ts";
import { withBareSwitches } from "./shared/flags.ts";
import { MISTAKE, mistake } from "./shared/mistake.ts";
import { output } from "./shared/output.ts";
import { complain, said } from "./shared/say.ts";
import { screenOf } from "./shared/screen.ts";

const FAILED = 1;

/** An option to those who use it, a command to the parser. */
const SELF_TEST = "self-test";

/** Is made of all other commands. */
const COMPLETIONS = "completions";

/**
 * In the order of the help. A command is loaded when it is asked for: each has
 * flags whose defaults and checks are its own code's.
 */
const COMMANDS: Readonly<Record<string, () => Promise<Runnable>>> = {
  server: async () => (await import("./server/command.ts")).server,
  client: async () => (await import("./client/command.ts")).client,
  load: async () => (await import("./load/command.ts")).load,
  check: async () => (await import("./check/command.ts")).check,
  proxy: async () => (await import("./proxy/command.ts")).proxy,
  trial: async () => (await import("./trial/command.ts")).trial,
  learn: async () => (await import("./learn/command.ts")).learn,
  report: async () => (await import("./report/command.ts")).report,
  [COMPLETIONS]: async () =>
    (await import("./completions/command.ts")).completions,
  [SELF_TEST]: async () => (await import("./self-test/command.ts")).selfTest,
  [SERVER_WORKER]: async () =>
    (await import("./server/command.ts")).serverWorker,
  [LOAD_WORKER]: async () => (await import("./load/command.ts")).loadWorker,
};

const EXAMPLES: readonly Example[] = [
  ["sounder server", "send every byte back"],
  ["sounder client", "to that server: type a line"],
  ["sounder learn", "or watch the two of them on a page"],
  ["sounder check lb.example:7", "what does this path do to a connection?"],
  ["sounder load", "how fast is it?"],
  ["sounder load --help", "all that a command can do"],
];

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
  const line = lineOf(argv.slice(2));
  const runnables = await commandsFor(line);
  const program = bareProgram().hook("preAction", () => {
    if (program.opts()["selfTest"])
      throw mistake(`--${SELF_TEST} stands alone`);
  });
  for (const { command, run: act, hidden = false } of runnables) {
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
    await program.parseAsync(withBareSwitches(line), { from: "user" });
    return status;
  } catch (error) {
    const failed = tell(error);
    return output(help).then(() => failed, tell);
  }
}

function bareProgram(): DocumentedCommand {
  return new DocumentedCommand("sounder")
    .description(
      "Sounds a TCP path: sends bytes and learns from what comes back.",
    )
    .version(version, "-V, --version", "print the version")
    .option(`--${SELF_TEST}`, "prove in a few seconds that it works here")
    .helpCommand("help [command]", "what a command can do")
    .examples(EXAMPLES);
}

/** The program with every command that people use, for what describes it. */
export async function wholeProgram(): Promise<DocumentedCommand> {
  const program = bareProgram();
  for (const { command, hidden } of await commandsFor([])) {
    if (!hidden) program.addCommand(command);
  }
  return program;
}

/** The one that is asked for; all where the parser has to choose or to help. */
function commandsFor([first = ""]: readonly string[]): Promise<Runnable[]> {
  const isOne = Object.hasOwn(COMMANDS, first) && first !== COMPLETIONS;
  const asked = isOne ? [COMMANDS[first]!] : undefined;
  return Promise.all((asked ?? Object.values(COMMANDS)).map((get) => get()));
}

/** What the parser is given. */
function lineOf(given: readonly string[]): string[] {
  const [first, ...rest] = given;
  if (first === `--${SELF_TEST}`) return [SELF_TEST, ...rest];
  const [topic] = rest;
  // To help with what it does not know, the parser would show all help.
  const isUnknown = topic !== undefined && !Object.hasOwn(COMMANDS, topic);
  if (first === "help" && isUnknown) return rest;
  return [...given];
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
