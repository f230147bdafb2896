import { type Origin, peerName } from "../socket/wire.ts";

/** `127.0.0.1:53124`, or `unix peer 3` where it has no address. */
export function sessionName(id: number, from: Origin): string {
  const name = peerName(from);
  return from.remoteAddress === undefined ? `${name} ${id}` : name;
}

/** An open connection that came in, whoever serves it. */
export interface Session {
  readonly id: number;
  /** `127.0.0.1:53124`, or `unix peer 3`. */
  readonly name: string;
  /** - `open`: neither side has finished. */
  readonly phase: string;
  /** From `performance.now()`, in milliseconds. */
  readonly openedAt: number;
  /** Bytes received from it. */
  readonly bytesIn: number;
  /** Bytes of ours that the kernel took for it. */
  readonly bytesOut: number;
  /** Bytes held for it. */
  readonly pending: number;
  /** It is not read from. */
  readonly isPaused: boolean;
  /** It is not read from, and it is not its own fault. */
  readonly isWaiting: boolean;
  /** Sends our FIN: it is served on until its own. */
  finish(cause: "stop" | "idle" | "lifetime"): void;
  /** Closes it: with our FIN; with a reset where it is owed something. */
  close(cause: "idle" | "lifetime"): void;
}
