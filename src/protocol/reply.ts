import { STAMP_LENGTH } from "./stamp/form.ts";

interface ReplyForm {
  /** Bytes that a server adds before each chunk. */
  readonly beforeChunk: number;
  /** As in "answers are …". */
  readonly adjective: string;
}

/** The kinds of reply, and what each adds to the bytes that come back. */
export const REPLIES = {
  stamp: { beforeChunk: STAMP_LENGTH, adjective: "stamped" },
  raw: { beforeChunk: 0, adjective: "raw" },
  info: { beforeChunk: 0, adjective: "raw, behind a line of information" },
} as const satisfies Record<string, ReplyForm>;

/**
 * What a server answers: `stamp`, each chunk behind the local time; `raw`, the
 * bytes unchanged, as RFC 862 has it; `info`, a line about itself and the
 * connection, and then as `raw`.
 */
export type ReplyKind = keyof typeof REPLIES;

export const REPLY_KINDS = Object.keys(REPLIES) as readonly ReplyKind[];
