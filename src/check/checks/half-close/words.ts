import { formatDuration } from "../../../units.ts";
import type { How } from "../../ending.ts";

export const KEPT =
  "a client may finish, and still read its answer to the end, as " +
  "`echo … | ncat` and `shutdown()` want it";

/**
 * How an answer was lost: with our FIN, so many milliseconds behind it, or no
 * end came at all.
 */
export type Loss =
  { kind: "at once" | "silent" } | { kind: "limit"; ms: number };

/** Milliseconds behind our FIN within which a path took it for the end of all. */
const AT_ONCE = 250;

/** @param ends how each connection ended, milliseconds after our FIN */
export function lossOf(ends: readonly { client: How; after: number }[]): Loss {
  if (ends.every(({ client }) => client === "open")) return { kind: "silent" };
  const ms = Math.min(...ends.map(({ after }) => after));
  return ms < AT_ONCE ? { kind: "at once" } : { kind: "limit", ms };
}

export function meansOfLost(loss: Loss): string {
  const means =
    "a client that finishes and then reads its answer (`echo … | ncat`, " +
    "`shutdown()`) loses it, or the rest of it";
  switch (loss.kind) {
    case "silent":
      return `${means}: nothing comes any more, not even an end`;
    case "at once":
      return (
        `${means}. nginx's \`stream\` does that unless \`proxy_half_close on\`; ` +
        "so do proxies that end both directions together"
      );
    case "limit":
      return (
        `${means}, if nothing moves for some ${formatDuration(loss.ms)}. A limit ` +
        "for connections that are half closed does that: socat's `-t` (0.5 s), " +
        "HAProxy's `timeout client-fin`"
      );
  }
}

/** What TLS has to do with it; empty where nothing. */
export function meansOfTls(version: string | undefined): string {
  return version === undefined || version === "TLSv1.3"
    ? ""
    : `. Before TLS 1.3 an end of TLS ends both directions (RFC 5246, 7.2.1)`;
}

/** What `the connection` did. */
export function endWords(how: How): string {
  switch (how) {
    case "FIN":
      return "ended with a FIN";
    case "RST":
      return "was reset (RST)";
    case "truncated":
      return "ended with a FIN, without the end of TLS before it";
    case "open":
      return "fell silent";
  }
}
