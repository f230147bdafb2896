import { whyOf } from "../errors/errors.ts";
import type { Check, When } from "./checks/check.ts";
import {
  CHECK_NAMES,
  type Finding,
  type NamedFinding,
  unknown,
} from "./finding.ts";
import { meet } from "./meet.ts";
import type { Path } from "./path.ts";

/** Is told how it goes. */
export interface Watcher {
  /** Which checks will run. */
  planned(checks: readonly Check[]): void;
  began(check: Check): void;
  progress(check: Check, text: string): void;
  found(finding: NamedFinding): void;
}

/**
 * Runs the checks, each when it disturbs no other.
 * @returns what was found until `path.stop`, in the order of the table
 * @throws as meet(): the target can't be examined
 */
export async function runChecks(
  path: Path,
  checks: readonly Check[],
  watcher: Watcher,
): Promise<NamedFinding[]> {
  watcher.planned(checks);
  const found: NamedFinding[] = [];
  const runOne = async (check: Check) => {
    if (path.stop.aborted) return;
    watcher.began(check);
    const tell = (text: string) => watcher.progress(check, text);
    const finding = await findingOf(check, path, tell);
    if (finding === undefined) return;
    const named = { name: check.name, ...finding };
    found.push(named);
    watcher.found(named);
  };
  const those = (when: When) => checks.filter((check) => check.when === when);

  path.known = await meet(path);
  if (path.known.oneAtATime) {
    // What is held open would keep all others from being served.
    for (const when of ONE_AFTER_THE_OTHER) {
      for (const check of those(when)) await runOne(check);
    }
    return inOrder(found);
  }
  for (const check of those("first")) await runOne(check);
  await Promise.all(those("beside").map(runOne));
  // Not before: where few connections are served, they would have all of them.
  const long = Promise.all(those("long").map(runOne));
  for (const check of those("last")) await runOne(check);
  await long;
  for (const check of those("afterwards")) await runOne(check);
  return inOrder(found);
}

/** For a server that serves one connection at a time. */
const ONE_AFTER_THE_OTHER = [
  "first",
  "beside",
  "last",
  "long",
  "afterwards",
] as const;

function inOrder(found: readonly NamedFinding[]): NamedFinding[] {
  const placeOf = ({ name }: NamedFinding) => CHECK_NAMES.indexOf(name);
  return found.toSorted((a, b) => placeOf(a) - placeOf(b));
}

/** Undefined where it was stopped. */
async function findingOf(
  check: Check,
  path: Path,
  tell: (text: string) => void,
): Promise<Finding | undefined> {
  try {
    const finding = await check.run(path, tell);
    return path.stop.aborted ? undefined : finding;
  } catch (error) {
    if (path.stop.aborted) return undefined;
    const means = "this check was broken off: try it again, alone, with --only";
    return unknown(`it could not be finished: ${whyOf(error)}`, means);
  }
}
