import { SounderError } from "../errors/errors.ts";
import { formatNumber } from "../units.ts";
import { highest, lowest } from "./aggregates.ts";
import type { NamedResult, Result } from "./result.ts";
import { startOf } from "./series.ts";

/** @throws SounderError `EMERGE` */
export function refuse(why: string): never {
  throw new SounderError(`cannot merge: ${why}`, "EMERGE");
}

/** @throws SounderError `EMERGE` if they were not measured in one way, at once */
export function checkSameKind(first: NamedResult, other: NamedResult): void {
  const [before, after] = [first, other].map(({ result }) =>
    kindOf(result),
  ) as [Record<string, unknown>, Record<string, unknown>];
  for (const key of Object.keys(before)) {
    if (before[key] === after[key]) continue;
    const [a, b] = [before[key], after[key]].map((value) =>
      typeof value === "number" ? formatNumber(value) : (value ?? "none"),
    );
    refuse(`${key} is ${a} in ${first.name} and ${b} in ${other.name}`);
  }
  for (const { name, result } of [first, other]) {
    if (result.search !== null) {
      refuse(`${name} is a search for a rate, which is of one machine alone`);
    }
  }
  if (overlapOf([first, other]) <= 0) {
    refuse(
      `${first.name} and ${other.name} were not measured at the same time ` +
        "(to compare them: --compare)",
    );
  }
}

/** What must be the same; how much load each machine made need not be. */
function kindOf({ target, reply, options }: Result): Record<string, unknown> {
  const { size, pipeline, duration, messages, rate, arrivals } = options;
  return {
    target,
    reply,
    size,
    pipeline,
    duration,
    end: messages === null ? "a duration" : "a number of messages",
    loop: rate === null ? "closed" : "open",
    arrivals,
    warmup: options.warmup,
    ramp: options.ramp,
  };
}

/** How many seconds all were measuring, by their machines' clocks. */
function overlapOf(parts: readonly NamedResult[]): number {
  const starts = parts.map(({ result }) => startOf(result));
  const ends = parts.map(
    ({ result }) => startOf(result) + result.seconds * 1000,
  );
  return (lowest(ends) - highest(starts)) / 1000;
}

/** Runs that overlap by this share of the longest count as simultaneous. */
const AT_ONCE = 0.9;

export function overlapWarning(parts: readonly NamedResult[]): string[] {
  const overlap = overlapOf(parts);
  const longest = highest(parts.map(({ result }) => result.seconds));
  if (overlap >= longest * AT_ONCE) return [];
  return [
    `all machines measured together for ${Math.max(overlap, 0).toFixed(1)} of ` +
      `${longest.toFixed(1)} s, by their clocks: the rates that are added were ` +
      "not all there at once",
  ];
}
