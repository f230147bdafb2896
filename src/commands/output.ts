import { failure } from "../socket/errors.ts";

const stdout = Bun.stdout.writer();

/**
 * Writes results to standard output. The promise holds the rest back until
 * their reader has room, and then nothing is left to be lost at the exit.
 */
export async function output(chunk: Uint8Array | string): Promise<void> {
  try {
    // A small write is left to a later turn, which tells no error, unless it
    // is flushed; a large one tells its error itself.
    await Promise.all([stdout.write(chunk), stdout.flush()]);
  } catch (error) {
    throw failure("cannot write to standard output", error);
  }
}
