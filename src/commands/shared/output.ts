import { failure } from "../../errors/errors.ts";
import { said } from "./say.ts";
import { writeTo } from "./write.ts";

/**
 * Writes results to standard output. The promise holds the rest back until
 * their reader has room, and then nothing is left to be lost at the exit.
 */
export async function output(chunk: Uint8Array | string): Promise<void> {
  // What was said before stands before it, where one reader sees both.
  said.flush();
  try {
    await writeTo(1, chunk);
  } catch (error) {
    throw failure("cannot write to standard output", error);
  }
}
