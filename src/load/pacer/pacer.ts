/**
 * When messages are to be sent. It is asked, and calls nobody. Times are by
 * `performance.now()`.
 */
export interface Pacer {
  /** @param origin when an open loop's first message is due */
  start(origin: number): void;
  /**
   * Takes the next message, if one is due by now.
   * @returns when it was due; Infinity if none is
   */
  next(now: number): number;
  /** No connection has room for what is due by now: it waits for the server. */
  hold(now: number): void;
  /** Whether a message waits for a connection. */
  readonly held: boolean;
  /** When the next message is due by itself; Infinity where none is. */
  readonly due: number;
  /** Whether no message is to be sent any more. */
  isExhausted(now: number): boolean;
  /**
   * Gives up what was due before `end` and has not been taken.
   * @returns how many messages that is
   */
  skip(end: number): number;
}
