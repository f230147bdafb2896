import { Argument } from "commander";

import type { Runnable } from "../shared/command.ts";
import {
  DocumentedCommand,
  type Example,
} from "../shared/documented-command.ts";
import { SHELLS, type Shell } from "./shells.ts";

const EXAMPLES: readonly Example[] = [
  ["source <(sounder completions bash)", "for this shell; or in ~/.bashrc"],
  ["source <(sounder completions zsh)", "in ~/.zshrc, after compinit"],
  ["sounder completions fish | source", "or in ~/.config/fish/config.fish"],
];

export const completions: Runnable = {
  command: new DocumentedCommand("completions")
    .summary("complete commands, flags and their values in a shell")
    .description(
      "Prints a script that has the shell complete commands, flags, their " +
        "values and file names.",
    )
    .addArgument(new Argument("<shell>", "whose script it is").choices(SHELLS))
    .examples(EXAMPLES),
  async run(shell: Shell, _flags: object, command: DocumentedCommand) {
    const { print } = await import("./run.ts");
    return print(shell, command.parent as DocumentedCommand);
  },
};
