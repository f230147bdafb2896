import { openFileLimit } from "../../kernel/open-files.ts";

/**
 * Files that are not connections: some 20 of the process, the log and what is
 * spared among them, and up to 40 of those who ask the admin pages. One of the
 * listeners is counted in; each further one is one more.
 */
const RESERVE = 64;

/**
 * How many connections there may be before files run out: then an accept loop
 * spins, and the process can neither log nor be asked.
 * @param listeners how many addresses it listens on
 */
export function connectionsByFiles(listeners: number): number {
  const limit = openFileLimit();
  if (limit === undefined) return Infinity;
  return Math.max(limit - RESERVE - (listeners - 1), 1);
}
