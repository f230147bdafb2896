import { formatCount, formatDuration, plural } from "../units.ts";

interface Figures {
  bytesReceived: number;
  bytesSent: number;
  /** Milliseconds. */
  silence: number;
}

/**
 * How far a connection came: `after 6 bytes sent and 5 received, then 2.10 s of
 * silence`.
 */
export function progressOf({
  bytesReceived,
  bytesSent,
  silence,
}: Figures): string {
  const quiet = formatDuration(silence);
  return bytesSent + bytesReceived === 0
    ? `with nothing sent or received in ${quiet}`
    : `after ${plural(bytesSent, "byte")} sent and ` +
        `${formatCount(bytesReceived)} received, then ${quiet} of silence`;
}

/** What else may be the reason where an answer is missing behind our FIN. */
export const HALF_CLOSE =
  "; our FIN was out by then: the path may not keep half-close";
