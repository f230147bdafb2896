import { formatDuration, plural } from "../units.ts";

interface Figures {
  bytesReceived: number;
  bytesSent: number;
  /** Milliseconds. */
  silence: number;
}

/** How far a connection came: `5 of 6 bytes came back and 2.1 s of silence`. */
export function progressOf({
  bytesReceived,
  bytesSent,
  silence,
}: Figures): string {
  const sent = plural(bytesSent, "byte");
  // A server that stamps sends more than it got.
  const back =
    bytesReceived > bytesSent
      ? `${sent} went out, ${bytesReceived} came back`
      : `${bytesReceived} of ${sent} came back`;
  return `${back} and ${formatDuration(silence)} of silence`;
}

/** What else may be the reason where an answer is missing behind our FIN. */
export const HALF_CLOSE =
  "; our FIN was out by then: the path may not keep half-close";
