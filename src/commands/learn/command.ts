import { type Runnable, withFlags } from "../shared/command.ts";
import {
  DocumentedCommand,
  type Example,
} from "../shared/documented-command.ts";
import { GROUPS, type LearnFlags } from "./flags.ts";

const EXAMPLES: readonly Example[] = [
  ["sounder learn", "prints the address of a page: open it"],
  ["sounder learn --open", "opens it"],
  ["sounder learn --terminal", "in this terminal alone"],
];

export const learn: Runnable = {
  command: withFlags(
    new DocumentedCommand("learn")
      .summary("a server, a client and the picture of their conversation")
      .description(
        "Starts a server and clients on this machine, and draws what happens " +
          "between them: you type lines, and watch the twelve steps of a " +
          "connection, with a sentence for each. Ctrl-C ends it.",
      )
      .examples(EXAMPLES),
    GROUPS,
  ),
  async run(flags: LearnFlags) {
    const { teach } = await import("./run.ts");
    return teach(flags);
  },
};
