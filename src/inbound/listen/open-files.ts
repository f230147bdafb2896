import { openFileLimit } from "../../kernel/open-files.ts";

/**
 * File descriptors that are not connections: some 20 of the process (with the
 * log, one listener and the reserve), and up to 40 of the admin pages' clients.
 */
const RESERVE = 64;

/**
 * How many connections there may be before file descriptors run out: then the
 * accept loop spins, and the process can neither log nor answer admin requests.
 * @param listeners how many addresses it listens on
 */
export function connectionsByFiles(listeners: number): number {
  const limit = openFileLimit();
  if (limit === undefined) return Infinity;
  return Math.max(limit - RESERVE - (listeners - 1), 1);
}

/** The same, of a process that makes a connection of its own for each. */
export function pairsByFiles(): number {
  return Math.max(Math.floor(connectionsByFiles(1) / 2), 1);
}
