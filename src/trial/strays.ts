import { readdirSync, readFileSync } from "node:fs";

const MARK = "SOUNDER_RUN";

/**
 * In the environment of a run's processes: by it they are all found. A trial may
 * itself be what another one runs, whose mark stays then.
 */
export function marked(run: string): Record<string, string> {
  return { [MARK]: `${process.env[MARK] ?? ""} ${run}`.trim() };
}

/** One that starts others while it is ended is found again. */
const ROUNDS = 10;

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

function isMarked(pid: string, mark: Buffer): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`).includes(mark);
  } catch {
    // It has ended, or is somebody else's.
    return false;
  }
}

/** Those that have left their group, as a daemon does; where there is /proc. */
function straysOf(mark: Buffer): number[] {
  try {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name) && isMarked(name, mark))
      .map(Number);
  } catch {
    return [];
  }
}

/** Ends all processes of a run: its group's leader was `leader`. */
export function endAll(leader: number, run: string): void {
  kill(-leader);
  const mark = Buffer.from(run);
  for (let round = 0; round < ROUNDS; round++) {
    const strays = straysOf(mark);
    if (strays.length === 0) return;
    for (const pid of strays) kill(pid);
  }
}
