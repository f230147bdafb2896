import type { Mismatch } from "../../result/result.ts";
import type { Wire } from "../../socket/wire.ts";

/** What was wrong with what came back. */
export interface Finding {
  fault: Omit<Mismatch, "connection">;
  /** Bytes that are wrong. */
  mismatched: number;
}

/**
 * The messages of one connection, in whatever form they travel: all that
 * traffic knows of them, and connections know no more.
 */
export interface Messages {
  /** Bytes of payload that came back, all in all. */
  readonly received: number;
  /** A write met a reset, of which no event tells. */
  readonly refused: boolean;
  /** What was wrong with what came back: nothing is read from there on. */
  readonly finding: Finding | undefined;
  /** Sends so many, in one write where the kernel takes it. */
  send(wire: Wire, count: number): void;
  /** Offers the kernel again what it did not take; for the `writable` handler. */
  flush(wire: Wire): void;
  /** Checks what came back. @returns how many messages are complete with it */
  receive(chunk: Buffer): number;
}

/** Makes the messages of a connection; its successor's are new ones. */
export interface MessageKind {
  on(connection: number): Messages;
}
