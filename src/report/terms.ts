/** What a run was: its name, what it was asked for, where and when. */
import type { NamedResult, Result } from "../result/result.ts";
import { formatBytes, formatDuration, plural } from "../units.ts";
import { formatRate } from "./numbers.ts";

/** What was asked for: `raw replies`, `64 connections`, `open loop`. */
export function termsOf({ reply, options, seconds }: Result): string[] {
  const { connections, pipeline, size, rate, arrivals, workers } = options;
  const terms = [
    `${reply} replies`,
    plural(connections, "connection"),
    `${pipeline} in flight`,
    `${formatBytes(size)} messages`,
  ];
  if (rate === null) terms.push("closed loop");
  else terms.push(`open loop, ${arrivals}, ${formatRate(rate)}`);
  if (workers > 1) terms.push(plural(workers, "worker"));
  terms.push(formatDuration(seconds * 1000));
  return terms;
}

/** What it is called, where it was measured, and when. */
export function originOf(result: Result): string[] {
  const { label, host } = result;
  return [
    ...(label ? [label] : []),
    ...(host ? [`from ${host.name}, ${plural(host.cores, "core")}`] : []),
    startedAt(result),
  ];
}

/** A file, and what its run is called. */
export function titleOf({ name, result: { label } }: NamedResult): string {
  return label ? `${name} (${label})` : name;
}

/** `2026-11-01 09:05:07 UTC`. */
function startedAt({ started }: Result): string {
  return `${started.slice(0, 19).replace("T", " ")} UTC`;
}
