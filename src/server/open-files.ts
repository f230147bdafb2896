import { readFileSync } from "node:fs";

/** Files that are not connections: listeners, logs, admin, epoll, libraries. */
const RESERVE = 64;

/** How many files this process may have open; undefined if it can't be told. */
function openFileLimit(): number | undefined {
  try {
    const limits = readFileSync("/proc/self/limits", "utf8");
    return Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1]);
  } catch {
    const { stdout } = Bun.spawnSync(["sh", "-c", "ulimit -n"]);
    return Number(stdout) || undefined;
  }
}

/**
 * How many connections there may be before files run out: then an accept loop
 * spins, and the process can neither log nor be asked.
 */
export function connectionsByFiles(): number {
  const limit = openFileLimit();
  return limit === undefined ? Infinity : Math.max(limit - RESERVE, 1);
}
