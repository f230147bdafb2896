import { openFileLimit } from "../socket/open-files.ts";

/** Files that are not connections: listeners, logs, admin, epoll, libraries. */
const RESERVE = 64;

/**
 * How many connections there may be before files run out: then an accept loop
 * spins, and the process can neither log nor be asked.
 */
export function connectionsByFiles(): number {
  const limit = openFileLimit();
  return limit === undefined ? Infinity : Math.max(limit - RESERVE, 1);
}
