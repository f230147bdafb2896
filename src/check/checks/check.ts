import type { CheckName, Finding } from "../finding.ts";
import type { Path } from "../path.ts";

/**
 * When a check runs:
 * - `first`: alone, since it measures times; only what lies idle is beside it.
 * - `beside`: with others that don't disturb each other.
 * - `last`: alone, since it fills the path.
 * - `long`: with the last ones, since it mostly waits.
 * - `afterwards`: once nothing else is open, which it would take the room of.
 */
export type When = "first" | "beside" | "last" | "long" | "afterwards";

/** Tells what it does now, such as `90 s left`: the live list shows it. */
export type Tell = (progress: string) => void;

/** One question about a path. */
export interface Check {
  readonly name: CheckName;
  readonly when: When;
  /** Whether it runs unless it is asked for by name; without it, it does. */
  applies?(path: Path): boolean;
  /**
   * What it throws, other than because of `path.stop`, is told as `unknown` with
   * the error's words.
   */
  run(path: Path, tell: Tell): Promise<Finding>;
}
