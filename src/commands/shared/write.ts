import { fstatSync, type Stats, write } from "node:fs";
import { promisify } from "node:util";

import { codeOf } from "../../errors/errors.ts";

const writeSome = promisify(write);

/** Milliseconds between tries, where a descriptor says that it is full. */
const FIRST_WAIT = 1;
const LONGEST_WAIT = 20;

/** The last write to each stream: the next begins when it is done. */
const last: Record<number, Promise<void>> = {};

/** Whether both are the same terminal, pipe or file. */
let isOne: boolean | undefined;

function streamOf(fd: number): number {
  isOne ??= isSame(fstatSync(1), fstatSync(2));
  return isOne ? 1 : fd;
}

function isSame(one: Stats, other: Stats): boolean {
  return one.ino === other.ino && one.dev === other.dev;
}

/**
 * Writes all of `bytes` to standard output (1) or standard error (2), in turn.
 *
 * A pipe, a socket and a terminal are shared with other programs, and so are
 * their flags. process.stdout, process.stderr and Bun's writers make a pipe
 * non-blocking: whoever shares it then loses what does not fit, and it stays so
 * when we have ended. Here a thread writes, which may wait for the reader.
 *
 * @throws the system's error: `EPIPE`, `ENOSPC`, …
 */
export function writeTo(fd: 1 | 2, bytes: Uint8Array | string): Promise<void> {
  const all = typeof bytes === "string" ? Buffer.from(bytes) : bytes;
  const stream = streamOf(fd);
  const before = last[stream];
  const written =
    before === undefined
      ? writeAll(fd, all)
      : before.then(() => writeAll(fd, all));
  last[stream] = written.catch(() => {});
  return written;
}

async function writeAll(fd: number, bytes: Uint8Array): Promise<void> {
  let rest = bytes;
  let wait = FIRST_WAIT;
  while (rest.length > 0) {
    try {
      const { bytesWritten } = await writeSome(fd, rest);
      rest = rest.subarray(bytesWritten);
      wait = FIRST_WAIT;
    } catch (error) {
      // Somebody else has made it non-blocking.
      if (codeOf(error) !== "EAGAIN") throw error;
      await Bun.sleep(wait);
      wait = Math.min(wait * 2, LONGEST_WAIT);
    }
  }
}
