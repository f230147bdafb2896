import { Command } from "commander";

import type { Runnable } from "../shared/command.ts";

/** An option to those who use it, a command to the parser. */
export const SELF_TEST = "--self-test";

export const selfTest: Runnable = {
  command: new Command(SELF_TEST.slice(2)),
  hidden: true,
  async run() {
    const { prove } = await import("./run.ts");
    return prove();
  },
};
