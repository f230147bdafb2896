import type { Side, Step, TraceEvent } from "../../src/socket/trace/event.ts";

const STEPS: Record<string, Step> = {
  connect: 5,
  connected: 7,
  accept: 8,
  write: 9,
  read: 10,
  finish: 11,
  finished: 12,
};

/** An event of a trace, as tests need it. */
export function event(
  side: Side,
  at: number,
  verb: string,
  more: Partial<TraceEvent> = {},
): TraceEvent {
  return {
    version: 1,
    kind: "trace",
    side,
    at,
    step: STEPS[verb] ?? null,
    verb,
    detail: verb === "reset" ? "RST → peer" : "",
    connection: 1,
    bytes: null,
    data: null,
    state: null,
    local: side === "client" ? "10.0.0.1:5000" : "10.0.0.2:7",
    peer: side === "client" ? "10.0.0.2:7" : "10.0.0.1:5000",
    ...more,
  };
}
