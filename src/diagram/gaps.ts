import type { Gap, Row } from "./diagram.ts";

/** Waits that are drawn as a break, in milliseconds. */
const LONG = 100;

/** Puts a break where nothing happens for long. */
export function withGaps(rows: readonly Row[]): Row[] {
  let isServerWaiting = false;
  return rows.map((row, index) => {
    const ms = row.at - (rows[index - 1]?.at ?? row.at);
    const gap: Gap | undefined =
      ms < LONG ? undefined : { kind: "wait", ms, blocked: isServerWaiting };
    if (row.side === "server") isServerWaiting = row.kind === "wait";
    return { ...row, gap };
  });
}
