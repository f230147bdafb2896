import type { CheckName } from "./finding.ts";
import type { Unit } from "./figure.ts";

interface Statuses {
  /** Its words, `unknown` aside, which each can say. */
  words: readonly string[];
  /** What its figure is, where it has one; it may then be its status, too. */
  figure?: Unit;
}

const ENDS = { words: ["kept", "lost"] } as const;
const RESETS = { words: ["kept", "finish", "lost"] } as const;

/** What each check may say: what an expectation can be about. */
export const STATUSES: Readonly<Record<CheckName, Statuses>> = {
  connect: {
    words: ["ok", "partly", "refused", "silent", "failed"],
    figure: "time",
  },
  echo: { words: ["raw", "stamp", "info", "altered", "cut", "stalled"] },
  "half-close": ENDS,
  "server-finish": ENDS,
  "reset-to-client": RESETS,
  "reset-to-server": RESETS,
  idle: { words: ["none", "finish", "reset", "silent"], figure: "time" },
  terminated: { words: ["no", "tcp", "tls"] },
  mtu: { words: ["fine"], figure: "size" },
  join: { words: ["apart", "joined"] },
  limit: { words: ["none"], figure: "count" },
  backends: { words: [], figure: "count" },
  address: { words: ["ours", "translated", "header"] },
  transfer: { words: ["altered", "cut", "stalled"], figure: "speed" },
  lifetime: { words: ["none", "server", "path", "ended"], figure: "time" },
};
