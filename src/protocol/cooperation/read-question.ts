import { isObject } from "../../checks.ts";
import { OPENING, type Question, QUESTION_BYTES } from "./question.ts";

const NEWLINE = 0x0a;
const START = Buffer.from(OPENING);

/** The longest wait that can be asked for, in milliseconds, and most bytes. */
const AFTER_MOST = 3_600_000;
const BYTES_MOST = 2 ** 30;
/** Characters of an address: no IPv6 one with its port is longer. */
const PEER_MOST = 64;

/** What the beginning of a connection is, as far as it has come. */
export type Reading =
  | { state: "more" }
  /** It is no question, and never will be. */
  | { state: "none" }
  /** `used`: how many bytes of it the line takes. */
  | { state: "question"; question: Question; used: number };

/** @param held the first bytes of a connection */
export function readQuestion(held: Buffer): Reading {
  const compared = Math.min(held.length, START.length);
  if (held.compare(START, 0, compared, 0, compared) !== 0) {
    return { state: "none" };
  }
  const end = held.indexOf(NEWLINE);
  if (end < 0) {
    return { state: held.length < QUESTION_BYTES ? "more" : "none" };
  }
  const used = end + 1;
  if (used > QUESTION_BYTES) return { state: "none" };
  const question = questionOf(held.toString("utf8", START.length, end));
  return question === undefined
    ? { state: "none" }
    : { state: "question", question, used };
}

function questionOf(text: string): Question | undefined {
  try {
    const read: unknown = JSON.parse(text);
    return isObject(read) ? checked(read) : undefined;
  } catch {
    return undefined;
  }
}

const isUpTo = (most: number) => (value: unknown) =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) <= most;
const isAfter = isUpTo(AFTER_MOST);
const isBytes = isUpTo(BYTES_MOST);
const isId = (value: unknown) =>
  typeof value === "string" && /^\d{1,15}$/.test(value);

const isPeer = (value: unknown) =>
  typeof value === "string" && value.length <= PEER_MOST;

/** Without keys that it does not know: a later version may send them. */
function checked(read: Record<string, unknown>): Question | undefined {
  const { ask, after, bytes, connection, peer, speak } = read;
  switch (ask) {
    case "who":
      return { ask };
    case "arrivals":
      if (bytes === undefined) return { ask };
      return isBytes(bytes) ? { ask, bytes: bytes as number } : undefined;
    case "kernel":
      if (connection === undefined) return { ask };
      return isId(connection)
        ? { ask, connection: connection as string }
        : undefined;
    case "ended":
      return isId(connection)
        ? { ask, connection: connection as string }
        : undefined;
    case "finish":
    case "reset":
    case "late":
      return isAfter(after) ? { ask, after: after as number } : undefined;
    case "quiet":
      if (speak === undefined) return { ask };
      return isAfter(speak) ? { ask, speak: speak as number } : undefined;
    case "story":
      return isPeer(peer) ? { ask, peer: peer as string } : undefined;
    case "send":
      return isBytes(bytes) ? { ask, bytes: bytes as number } : undefined;
    default:
      return undefined;
  }
}
