import { openFileCount, openFileLimit } from "../../../kernel/open-files.ts";
import type { Path } from "../../path.ts";
import type { Tell } from "../check.ts";
import type { Held, Outcome } from "./held.ts";

/** What was found out about how many are served at once. */
export interface Served {
  /** How many were, of those that were asked for. */
  served: number;
  /**
   * - `all`: as many as were asked for.
   * - `limit`: one more is served only once another has ended, seen twice.
   * - `failing`: from there on none was, even after others had ended.
   * - `time`: there was none for more.
   * - `others`: too many others failed, and not for their number.
   * - `local`: this machine could not open more.
   */
  why: "all" | "limit" | "failing" | "time" | "others" | "local";
  /** What became of those beyond. */
  beyond: Outcome | undefined;
  error: string | undefined;
  /** How many were not served at first, while others later were. */
  between: number;
}

/** Milliseconds for all of it. */
const BUDGET = 25_000;
/** Connections that are opened together, at most. */
const TOGETHER = 8;
/** Failures in a row that may be a limit, and milliseconds between two tries. */
const IN_A_ROW = 3;
const PAUSE = 300;
/** Failures that are not for their number, and enough of them. */
const BETWEEN = 10;
/** A limit is seen so often. */
const CYCLES = 2;
/** Tries that one has once another has ended: a server may see that late. */
const AFTER_RELEASE = 8;
/** Files that a process opens besides, now and then. */
const RESERVE = 16;

/** How many connections this process can still open. */
export function roomHere(): number {
  const limit = openFileLimit();
  if (limit === undefined) return Infinity;
  return Math.max(limit - (openFileCount() ?? 0) - RESERVE, 0);
}

/**
 * Opens connections until one is not served, and finds out whether that is for
 * their number.
 * @param wanted how many
 * @throws the reason of `path.stop`
 */
export async function search(
  path: Path,
  held: Held,
  wanted: number,
  tell: Tell,
): Promise<Served> {
  const deadline = performance.now() + BUDGET;
  let together = 1;
  let between = 0;
  const found = (why: Served["why"], beyond?: Outcome): Served => {
    const { count: served, error } = held;
    return { served, why, beyond, error, between };
  };
  while (held.count < wanted) {
    if (performance.now() > deadline) return found("time");
    tell(`${held.count} of ${wanted}`);
    const count = Math.min(together, wanted - held.count);
    const opening = Array.from({ length: count }, () => held.open());
    const outcomes = await Promise.all(opening);
    const failed = outcomes.filter((outcome) => outcome !== "served");
    if (failed.length === 0) {
      together = Math.min(together * 2, TOGETHER);
      continue;
    }
    if (failed.includes("local")) return found("local");
    tell(`${held.count}: one more is ${failed[0]}`);
    const [why, beyond] = await confirm(path, held, failed[0]!);
    if (why !== undefined) return found(why, beyond);
    between += failed.length;
    if (between >= BETWEEN) return found("others");
    together = 1;
  }
  return found("all");
}

/**
 * Whether it is their number that keeps others from being served.
 * @param first what became of one
 * @returns undefined: one was served all the same; and what became of others
 */
async function confirm(
  path: Path,
  held: Held,
  first: Outcome,
): Promise<["limit" | "failing" | "local" | undefined, Outcome]> {
  let beyond = first;
  for (let cycle = 0; cycle < CYCLES; cycle += 1) {
    const one = cycle === 0 ? first : await held.open();
    beyond = await again(path, held, one);
    if (beyond === "served") return [undefined, beyond];
    if (beyond === "local") return ["local", beyond];
    await held.release();
    if (!(await isServed(path, held, beyond))) return ["failing", beyond];
  }
  return ["limit", beyond];
}

/** What becomes of one more, once `first` was seen. */
async function again(path: Path, held: Held, first: Outcome): Promise<Outcome> {
  let outcome = first;
  for (let tries = 1; tries < IN_A_ROW; tries += 1) {
    // Those have been given their time.
    if (["served", "local", "silent"].includes(outcome)) break;
    if (outcome === "waiting") {
      // A server that stands still answers nobody.
      const slow = (await held.isAlive()) && (await held.isOneAnswered(0));
      return slow ? "served" : "waiting";
    }
    await path.wait(PAUSE);
    outcome = await held.open();
  }
  return outcome;
}

/** Whether one is served now that another has ended. */
async function isServed(
  path: Path,
  held: Held,
  beyond: Outcome,
): Promise<boolean> {
  if (beyond === "waiting" && (await held.isOneAnswered())) return true;
  const tries = beyond === "waiting" || beyond === "silent" ? 2 : AFTER_RELEASE;
  for (let tried = 0; tried < tries; tried += 1) {
    if ((await held.open()) === "served") return true;
    await path.wait(PAUSE);
  }
  return false;
}
