import { isObject } from "../../checks.ts";
import type { TcpInfo } from "../../kernel/tcp-info.ts";
import type { Info } from "../info.ts";
import { OPENING, type Question } from "./question.ts";

/** What each answer's first line has. */
export interface Answered {
  /** The process that answers: unique to it. */
  instance: string;
  /** This connection, to that instance. */
  connection: string;
}

/** How the server saw a connection end. */
export interface Ended {
  /**
   * - `open`: it has not ended.
   * - `FIN`: the client finished, and so did the server.
   * - `RST`: it was reset from the client's side.
   * - `server`: the server ended it itself, as a question or its limits wanted.
   */
  how: "open" | "FIN" | "RST" | "server";
  /** Bytes that came, the question's included, and that were sent. */
  received: number;
  sent: number;
  /** Bytes that came after the server's own FIN. */
  receivedAfterFinish: number;
  /** Seconds from its opening to its end, or until now; to the client's FIN. */
  seconds: number;
  finishedAfter: number | null;
}

/** An end's addresses, as it sees them; undefined of a Unix socket. */
export interface Ends {
  local: string | undefined;
  peer: string | undefined;
}

/** What the server's kernel and TLS say of a connection. */
export interface KernelAnswer {
  /** Null where it can't be measured there, or the connection is gone. */
  tcp: TcpInfo | null;
  ends: Ends;
  /** SHA-256 of exported keying material, in hex; null without TLS. */
  tls: string | null;
}

/** What a step of a story is, as a number. */
export const STORY_STEPS = [
  "accept",
  "read",
  "write",
  "finished",
  "finish",
  "reset",
  "closed",
] as const;

export type StoryStep = (typeof STORY_STEPS)[number];

/** The first steps of a connection, as the server saw them. */
export interface Story {
  /** Milliseconds since 1970, by the server's clock. */
  opened: number;
  local: string;
  peer: string;
  /**
   * Microseconds since then, which of STORY_STEPS, bytes, and the kernel's
   * state, as tcpi_state has it; -1 where it was not told.
   */
  steps: readonly (readonly [
    at: number,
    step: number,
    bytes: number,
    state: number,
  ])[];
  /** Steps that came after those. */
  leftOut: number;
}

/** What was counted before our FIN. */
export interface Counted {
  /** Bytes behind the question's line, and their CRC-32. */
  received: number;
  crc32: number;
}

/** When each piece came: microseconds since the first, and bytes. */
export type Arrival = readonly [at: number, bytes: number];

/** What is exported of a TLS session for a comparison of both ends. */
export const TLS_LABEL = "EXPORTER-Sounder";

/**
 * The first line of an answer, by question. `quiet` tells after how many seconds
 * the server itself ends a connection that is idle, or any; null: never.
 */
export interface Answers {
  who: Answered & { info: Info };
  kernel: Answered & { kernel: KernelAnswer | null };
  ended: Answered & { ended: Ended | null };
  finish: Answered;
  reset: Answered;
  late: Answered;
  quiet: Answered & { idleTimeout: number | null; maxLifetime: number | null };
  /** Whether it sends at once, and more than it was sent. */
  send: Answered & { atOnce: boolean };
  story: Answered & { story: Story | null };
  arrivals: Answered;
}

export type Ask = Question["ask"];

/** What the server says later, of its own accord, on the same connection. */
export interface Later {
  /** Behind our FIN, and the wait: what had come. */
  late: Counted;
  /** After the wait that `speak` asked for. */
  quiet: { spoken: true };
  /** Behind our FIN. `leftOut`: how many did not fit what was received. */
  arrivals: { arrivals: Arrival[]; leftOut: number };
}

/** @param answer which question it answers */
export function answerLine(answer: Ask, fields: object): Buffer {
  return Buffer.from(`${OPENING}${JSON.stringify({ answer, ...fields })}\n`);
}

/** What is told behind the answer. */
export function laterLine<Which extends keyof Later>(
  answer: Which,
  fields: Later[Which],
): Buffer {
  return answerLine(answer, fields);
}

/**
 * What a line answers, without its end; undefined where it is no answer: a
 * server that does not cooperate has sent the question back.
 */
export function readAnswer<Which extends Ask>(
  line: string,
  asked: Which,
): Answers[Which] | undefined {
  const read = readLine(line);
  const isWhole =
    read?.["answer"] === asked &&
    typeof read["instance"] === "string" &&
    typeof read["connection"] === "string";
  return isWhole ? (read as unknown as Answers[Which]) : undefined;
}

/** As readAnswer(), of what is said later. */
export function readLater<Which extends keyof Later>(
  line: string,
  asked: Which,
): Later[Which] | undefined {
  const read = readLine(line);
  return read?.["answer"] === asked
    ? (read as unknown as Later[Which])
    : undefined;
}

function readLine(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith(OPENING)) return undefined;
  try {
    const read: unknown = JSON.parse(line.slice(OPENING.length));
    return isObject(read) ? read : undefined;
  } catch {
    return undefined;
  }
}
