import { existsSync, statSync } from "node:fs";
import { join } from "node:path";

import { SounderError } from "../errors/errors.ts";

const RUNNING = "/proc/self/exe";

/**
 * The executable that runs. An upgrade may have put another version, which
 * speaks otherwise, in its place, or have taken it away: Linux still has it.
 */
function executable(): string {
  const { execPath } = process;
  try {
    const running = statSync(RUNNING);
    const named = statSync(execPath, { throwIfNoEntry: false });
    const same = running.ino === named?.ino && running.dev === named.dev;
    return same ? execPath : RUNNING;
  } catch {
    return execPath;
  }
}

function isCompiled(): boolean {
  return Bun.main.startsWith("/$bunfs") || Bun.main.startsWith("B:\\");
}

/** Our own command line, of the sources or of the package: not who uses us. */
function ownScript(): string | undefined {
  const places = [
    join(import.meta.dir, "../cli.ts"),
    join(import.meta.dir, "cli.js"),
  ];
  return places.find((path) => existsSync(path));
}

/**
 * How to run this program: a compiled executable, or Bun and a script.
 * @param script instead of our own command line
 */
export function program(script = ownScript() ?? Bun.main): string[] {
  return isCompiled() ? [executable()] : [executable(), script];
}

/**
 * For what a library's user wants workers for.
 * @throws SounderError `ENOTSUP` where our command line is not to be found
 */
export function checkProgram(call: string): void {
  if (!isCompiled() && ownScript() !== undefined) return;
  const summary = `${call}: workers are a program of their own, which is not in a bundle: take one`;
  throw new SounderError(summary, "ENOTSUP");
}
