import type { TcpState } from "../kernel/tcp-info.ts";
import type { Side, Step } from "../socket/trace/event.ts";

/** A stretch of time, or of steps, that a picture does not draw at length. */
export type Gap =
  | {
      kind: "wait";
      ms: number;
      /** The server waits in a call: a thread would be blocked there. */
      blocked: boolean;
    }
  | { kind: "left"; steps: number };

/** Something that happened at one side, at its place from top to bottom. */
export interface Row {
  side: Side;
  /** Milliseconds since the first row. */
  at: number;
  step: Step | undefined;
  label: string;
  kind: "step" | "wait" | "note";
  /** Told by that side itself; otherwise it follows from what the other told. */
  known: boolean;
  /** What lies between the row before and this one. */
  gap: Gap | undefined;
}

/** What goes from one side to the other, between the places of two rows. */
export interface Arrow {
  from: Side;
  /** Rows where it starts and ends; the other side's place may be between two. */
  start: number;
  end: number;
  label: string;
  kind: "handshake" | "data" | "fin" | "rst" | "tls";
  /** Both ends of it were told. */
  known: boolean;
}

/** A side's TCP state from a row on. */
export interface Span {
  side: Side;
  start: number;
  state: TcpState;
  /** The kernel said so; otherwise it follows from the rules of TCP. */
  known: boolean;
}

/** A Unix socket has no segments, no states of TCP, and no port. */
export type Family = "tcp" | "unix";

/** A conversation as a picture: two lifelines, time downward. */
export interface Diagram {
  family: Family;
  /** The two ends, as far as they are known. */
  client: string;
  server: string;
  /** Whose events there were. */
  sides: readonly Side[];
  rows: readonly Row[];
  arrows: readonly Arrow[];
  /** None of a Unix socket. */
  spans: readonly Span[];
  /** What the picture shows, in sentences. */
  summary: readonly string[];
  /** What to know of how it was made, such as how clocks were set. */
  notes: readonly string[];
}

/** Where the other side's place is, in rows, when nobody told it. */
export const NEAR = 0.4;

export function otherSide(side: Side): Side {
  return side === "client" ? "server" : "client";
}
