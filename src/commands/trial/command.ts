import type { Command } from "commander";

import type { Endpoint } from "../../address/endpoint.ts";
import { ECHO } from "../../trial/echo.ts";
import { type Runnable, withFlags } from "../shared/command.ts";
import {
  DocumentedCommand,
  type Example,
} from "../shared/documented-command.ts";
import { mistake } from "../shared/mistake.ts";
import { targetAddress } from "../shared/target.ts";
import { GROUPS, type TrialFlags } from "./flags.ts";

const EXAMPLES: readonly Example[] = [
  ["sounder trial echo --input photo.jpg -- ncat {host} {port}"],
  ["sounder trial localhost:8080 -- curl -sS -m 5 http://{address}/"],
  ["sounder trial localhost:6379 --timeout 3s -- redis-cli -p {port} ping"],
  [
    'sounder trial localhost:8080 --only "reset*" --junit trial.xml -- ./client',
  ],
  ["sounder trial --case-list", "what is tried, and why"],
];

const NOTES =
  "The command's {host}, {port} and {address} become the way with the fault; it also finds them in its environment: SOUNDER_HOST, SOUNDER_PORT, SOUNDER_ADDRESS.";

export const trial: Runnable = {
  command: makeCommand(),
  async run(
    target: string | undefined,
    words: readonly string[],
    flags: TrialFlags,
  ) {
    if (flags.caseList) {
      const { listCases } = await import("./case-list.ts");
      return listCases(flags);
    }
    const place = targetOf(target);
    if (words.length === 0) {
      throw mistake(
        "the command is missing: sounder trial TARGET -- COMMAND...",
      );
    }
    const { tryFaults } = await import("./run.ts");
    return tryFaults(place, words, flags);
  },
};

function makeCommand(): Command {
  const command = new DocumentedCommand("trial")
    .summary("does this client survive bad paths? a verdict for each fault")
    .description(
      "Runs a client's command without a fault, and then with each of many " +
        "on its way to a server, and says whether it noticed. Exits with 1 " +
        "if it did not.",
    )
    .argument("[target]", `the server: an address, or ${ECHO} for one of ours`)
    .suggest(ECHO)
    .argument("[command...]", "what runs the client, behind --")
    .examples(EXAMPLES)
    .notes(NOTES);
  return hinting(withFlags(command, GROUPS));
}

/** Who leaves the dashes away has us read the client's own options. */
function hinting(command: Command): Command {
  const error = command.error.bind(command);
  command.error = (message, options) => {
    const isClients =
      options?.code === "commander.unknownOption" && !message.includes("(");
    const hint = ": the client's command, with its options, stands behind --";
    return error(isClients ? message + hint : message, options);
  };
  return command;
}

/** @throws CommanderError */
function targetOf(text: string | undefined): Endpoint | typeof ECHO {
  if (text === undefined) {
    throw mistake("the target is missing: sounder trial TARGET -- COMMAND...");
  }
  return text === ECHO ? ECHO : targetAddress(text);
}
