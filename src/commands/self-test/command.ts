import { Command } from "commander";

import type { Runnable } from "../shared/command.ts";

export const selfTest: Runnable = {
  command: new Command("self-test"),
  hidden: true,
  async run() {
    const { prove } = await import("./run.ts");
    return prove();
  },
};
