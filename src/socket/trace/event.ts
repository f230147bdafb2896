import type { TcpState } from "../../kernel/tcp-info.ts";

/**
 * The steps of a connection as the classic sockets tutorials number them. Both
 * sides write (9) and read (10), the answer as the question. Either may finish
 * first (11); the other's FIN is the last step (12).
 */
export type Step = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12;

export type Side = "server" | "client";

/** What a step is about, beyond its words. */
export interface Facts {
  /** Which of this side's connections, from 1 on. */
  connection?: number | undefined;
  /** Bytes that were written or read. */
  bytes?: number | undefined;
  /** The first of them, where they may be shown. */
  data?: Uint8Array | undefined;
  /** The descriptor, for the kernel's own view. */
  fd?: number | undefined;
  /** This side's end and the other's. */
  local?: string | undefined;
  peer?: string | undefined;
  /** As the kernel's table has it, of one that is closed here. */
  state?: TcpState | undefined;
  /** By the tracer's clock, where it was done before it could be told. */
  at?: number | undefined;
}

/** A step as it was told: docs/trace.schema.json describes it. */
export interface TraceEvent {
  version: 1;
  kind: "trace";
  side: Side;
  /**
   * Milliseconds since 1970, by this machine's clock: what is sent has that
   * of a moment before, what is received of a moment behind.
   */
  at: number;
  /** Null of what the tutorials don't number. */
  step: Step | null;
  /** `write`, `read`, `finish`, …: docs/DIAGRAMS.md names them. */
  verb: string;
  detail: string;
  connection: number | null;
  bytes: number | null;
  /** The first bytes, what is not printable as `\xNN`. */
  data: string | null;
  /** The kernel's state of the connection just then; null: it was not told. */
  state: TcpState | null;
  local: string | null;
  peer: string | null;
}

/** Bytes as a text of one line, with nothing in it that steers a terminal. */
export function shownBytes(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) {
    if (byte === 0x0a) text += "\\n";
    else if (byte === 0x0d) text += "\\r";
    else if (byte === 0x5c) text += "\\\\";
    else if (byte >= 0x20 && byte < 0x7f) text += String.fromCharCode(byte);
    else text += `\\x${byte.toString(16).padStart(2, "0")}`;
  }
  return text;
}
