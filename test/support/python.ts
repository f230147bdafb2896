import { join } from "node:path";

import { peerProgram } from "./peer.ts";

const python = peerProgram("python3");

/** Whether peers in Python are skipped. */
export const noPython = python === undefined;

/** The command that runs one of test/peers; it tells on standard error. */
export function peer(name: string, ...args: string[]): string[] {
  const script = join(import.meta.dir, `../peers/${name}.py`);
  return [python ?? "python3", script, ...args];
}
