/**
 * How a direction ends:
 * - `finish`: with a FIN; the other direction goes on.
 * - `truncate`: as `finish`, without the end that TLS has.
 * - `close`: with a FIN, and the sender takes nothing any more.
 * - `gone`: the sender's socket has closed without a reset. It may be all that
 *   is told of its FIN.
 * - `reset`: with an RST, at once: what is under way is dropped.
 * - `abort`: with an RST, behind all that was sent before it.
 */
export type Ending =
  "finish" | "truncate" | "close" | "gone" | "abort" | "reset";

/** Whether it is seen as a FIN, and not as an RST. */
export function isFin(how: Ending): boolean {
  return how !== "abort" && how !== "reset";
}

/** Takes a direction's bytes, and its end. What it is given is its own. */
export interface Receiver {
  bytes(chunk: Buffer): void;
  end(how: Ending): void;
}

/** One end of a connection as a path sees it: a socket, or a server's handlers. */
export interface End {
  /** Whether it wants no bytes for now; it says so when it does. */
  readonly isFull: boolean;
  /** How many of the bytes it took: fewer if it is full, -1 if it is gone. */
  write(bytes: Uint8Array): number;
  end(how: Ending): void;
  /** Has it send nothing for now. */
  pause(): void;
  resume(): void;
  /** Nothing is said to it any more: it finds out by itself if it is gone. */
  watch(): void;
}
