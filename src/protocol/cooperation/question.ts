/** Every line of cooperation begins so, question or answer. */
export const OPENING = "SOUNDER/1 ";

/**
 * Bytes that a question's line has at most, its end included. A question is
 * filled up to them with blanks: no answer is longer than what was asked with.
 */
export const QUESTION_BYTES = 1024;

/**
 * What a client may ask with the first line of a connection. Times are in
 * milliseconds. Each is answered at once with a line; most go on from there.
 *
 * - `who`: as `--reply info`. What comes then is echoed.
 * - `kernel`: what the server's kernel knows of a connection, of this one where
 *   none is named. What comes then is echoed.
 * - `ended`: how a connection ended, or that it is still open. What comes then
 *   is echoed.
 * - `finish`: the server sends its FIN first, `after` so long, and counts what
 *   still comes.
 * - `reset`: the server resets, `after` so long.
 * - `late`: the server counts what comes, and `after` so long behind our FIN it
 *   tells how much that was; then its own FIN.
 * - `quiet`: the server has no keepalive on this connection, and says nothing
 *   before it is spoken to: that is echoed. With `speak` it sends a line of its
 *   own accord after so long.
 * - `send`: the server counts what comes and, once that is as many `bytes`,
 *   sends so many of the pattern; at once where it is started with
 *   `--cooperate=transfer`. Our FIN before brings its FIN.
 * - `story`: the first steps of the connection from an address of the asker's
 *   own, as the server saw them. What comes then is echoed.
 * - `arrivals`: the server notes when each piece came, and tells all of it once
 *   so many `bytes` have come, or behind our FIN.
 */
export type Question =
  | { ask: "who" }
  | { ask: "kernel"; connection?: string }
  | { ask: "ended"; connection: string }
  | { ask: "finish"; after: number }
  | { ask: "reset"; after: number }
  | { ask: "late"; after: number }
  | { ask: "quiet"; speak?: number }
  | { ask: "send"; bytes: number }
  | { ask: "story"; peer: string }
  | { ask: "arrivals"; bytes?: number };

/** A question as the first line of a connection: QUESTION_BYTES of it. */
export function questionLine(question: Question): Buffer {
  const text = `${OPENING}${JSON.stringify(question)}`;
  return Buffer.from(`${text.padEnd(QUESTION_BYTES - 1)}\n`);
}
