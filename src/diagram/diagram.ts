import type { TcpState } from "../kernel/tcp-info.ts";
import type { Side, Step } from "../socket/trace/event.ts";

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

/** A conversation as a picture: two lifelines, time downward. */
export interface Diagram {
  /** The two ends, as far as they are known. */
  client: string;
  server: string;
  /** Whose events there were. */
  sides: readonly Side[];
  rows: readonly Row[];
  arrows: readonly Arrow[];
  spans: readonly Span[];
  /** What the picture shows, in sentences. */
  summary: readonly string[];
  /** What to know of how it was made, such as how clocks were set. */
  notes: readonly string[];
}

export function otherSide(side: Side): Side {
  return side === "client" ? "server" : "client";
}
