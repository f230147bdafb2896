import { isNumber, isOneOf, isText, optional } from "../../checks.ts";
import { LOAD_WORKER } from "../../workers/commands.ts";
import type { Protocol } from "../../workers/messages.ts";
import { isPlan } from "../plan.ts";
import { isPackedSecond, isPackedTally } from "./tally.ts";

/** What the process that tells of a load and its workers say to each other. */
export const LOAD = {
  command: LOAD_WORKER,
  toWorker: {
    plan: { plan: isPlan },
    /** When traffic begins, by sharedClock(). */
    begin: { at: isNumber },
    stop: {},
    cut: {},
  },
  fromWorker: {
    ready: { opened: isNumber, code: optional(isText) },
    phase: { phase: isOneOf("measuring", "finishing") },
    second: { second: isPackedSecond },
    done: { tally: isPackedTally },
  },
} satisfies Protocol;
