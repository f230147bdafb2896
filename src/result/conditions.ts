/** What the figures of a run depend on, and what two runs do not have in common. */
import { formatNumber } from "../units.ts";
import type { Result, ResultOptions } from "./result.ts";

/** Options that a run's figures depend on. */
const OPTIONS = [
  "size",
  "pipeline",
  "duration",
  "messages",
  "rate",
  "arrivals",
  "warmup",
  "ramp",
  "workers",
] as const satisfies readonly (keyof ResultOptions)[];

/** `size: 64 → 1,024`, a line each. */
export function differences(base: Result, other: Result): string[] {
  const [before, after] = [conditionsOf(base), conditionsOf(other)];
  return (
    Object.keys(before)
      .filter((key) => before[key] !== after[key])
      // Of results of older versions nothing is known of some.
      .filter((key) => before[key] !== undefined && after[key] !== undefined)
      .map((key) => `${key}: ${told(before[key])} → ${told(after[key])}`)
  );
}

function told(value: string | number | null | undefined): string {
  return typeof value === "number" ? formatNumber(value) : (value ?? "none");
}

/** Key by key: a file may have others, with values of any type. */
function conditionsOf({
  target,
  reply,
  options,
  connections,
  host,
  search,
  goals,
}: Result): Record<string, string | number | null | undefined> {
  return {
    target,
    reply,
    connections: connections.planned,
    ...Object.fromEntries(OPTIONS.map((key) => [key, options[key]])),
    // A search chooses them itself.
    ...(search && { rate: "searched", duration: undefined }),
    goals: search ? goals.map(({ goal }) => goal).join(" and ") : undefined,
    host: host?.name,
    cores: host?.cores,
    sounder: host?.sounder,
    bun: host?.bun,
  };
}
