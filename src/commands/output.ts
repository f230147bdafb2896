import { fstatSync } from "node:fs";

import { failure } from "../socket/errors.ts";
import { said } from "./say.ts";
import { writeTo } from "./write.ts";

/** Whether results and what is said meet on one terminal, pipe or file. */
function isShared(): boolean {
  const [out, error] = [fstatSync(1), fstatSync(2)];
  return out.ino === error.ino && out.dev === error.dev;
}

let shared: boolean | undefined;

/**
 * Writes results to standard output. The promise holds the rest back until
 * their reader has room, and then nothing is left to be lost at the exit.
 */
export async function output(chunk: Uint8Array | string): Promise<void> {
  // What was said before stands before it.
  if ((shared ??= isShared())) await said.emptied();
  try {
    await writeTo(1, chunk);
  } catch (error) {
    throw failure("cannot write to standard output", error);
  }
}
