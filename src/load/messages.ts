import { LOAD_WORKER } from "../workers/commands.ts";
import {
  type Check,
  isNumber,
  isObject,
  isText,
  type Protocol,
} from "../workers/messages.ts";
import type { Plan } from "./plan.ts";
import { isPackedSecond, isPackedTally } from "./tally.ts";

function isPlan(value: unknown): value is Plan {
  const { address, share, until } = (value ?? {}) as Partial<Plan>;
  return isObject(address) && isObject(share) && isObject(until);
}

const isPhase: Check<"measuring" | "finishing"> = (value) =>
  value === "measuring" || value === "finishing";

const isCode: Check<string | undefined> = (value) =>
  value === undefined || isText(value);

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
    ready: { opened: isNumber, code: isCode },
    phase: { phase: isPhase },
    second: { second: isPackedSecond },
    done: { tally: isPackedTally },
  },
} satisfies Protocol;
