import { readdirSync, readFileSync } from "node:fs";

/**
 * How many files this process may have open; undefined where there is no limit,
 * or it can't be told. Bun has raised it to the hard limit when it started.
 */
export function openFileLimit(): number | undefined {
  try {
    const limits = readFileSync("/proc/self/limits", "utf8");
    return Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1]) || undefined;
  } catch {
    const { stdout } = Bun.spawnSync(["sh", "-c", "ulimit -n"]);
    return Number(stdout) || undefined;
  }
}

/** How many it has open; undefined where it can't be told. */
export function openFileCount(): number | undefined {
  try {
    return readdirSync("/dev/fd").length;
  } catch {
    return undefined;
  }
}
