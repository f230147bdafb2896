import type { DocumentedCommand } from "../shared/documented-command.ts";
import { output } from "../shared/output.ts";
import { bashScript } from "./bash.ts";
import { fishScript } from "./fish.ts";
import type { Shell } from "./shells.ts";
import { vocabularyOf, type Vocabulary } from "./vocabulary.ts";
import { zshScript } from "./zsh.ts";

const SCRIPTS: Record<Shell, (vocabulary: Vocabulary) => string> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** Prints what completes a program's commands. @returns the exit status */
export async function print(
  shell: Shell,
  program: DocumentedCommand,
): Promise<number> {
  await output(SCRIPTS[shell](vocabularyOf(program)));
  return 0;
}
