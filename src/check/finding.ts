/** The checks, in the order of the table. */
export const CHECK_NAMES = [
  "connect",
  "echo",
  "half-close",
  "server-finish",
  "reset-to-client",
  "reset-to-server",
  "idle",
  "terminated",
  "mtu",
  "join",
  "limit",
  "backends",
  "address",
  "transfer",
  "lifetime",
] as const;

export type CheckName = (typeof CHECK_NAMES)[number];

/**
 * - `fine`: as on a direct connection.
 * - `notable`: different, and applications should know.
 * - `harmful`: applications break by it, or lose bytes.
 * - `unknown`: it can't be told from here.
 */
export type Rating = "fine" | "notable" | "harmful" | "unknown";

/** What a check found. Its texts are sentences, without a name before them. */
export interface Finding {
  /** One of the check's words, such as `kept`, or a figure: docs/CHECK.md. */
  status: string;
  /**
   * The figure that `--expect NAME>FIGURE` compares, in seconds, bytes, bytes a
   * second or connections; undefined where there is none.
   */
  value?: number | undefined;
  rating: Rating;
  /** What was seen. */
  text: string;
  /**
   * What it means for an application, and which setting usually does that; where
   * it is unknown, what would show it.
   */
  means: string;
  /** What the finding rests on: figures, addresses, both ends' words. */
  evidence: Record<string, unknown>;
}

export interface NamedFinding extends Finding {
  name: CheckName;
}

/** It can't be told. @param text why @param means what would show it */
export function unknown(
  text: string,
  means: string,
  evidence: Record<string, unknown> = {},
): Finding {
  return { status: "unknown", rating: "unknown", text, means, evidence };
}

/** What a finding that needs the server's word says without it. */
export const ALONE =
  "a server of ours at the other end, started with --cooperate, would tell";
