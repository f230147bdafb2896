import { codeOf } from "../../../errors/errors.ts";
import type { Answered, Ended } from "../../../protocol/cooperation/answer.ts";
import type { Conversation } from "../../conversation.ts";
import { endedThere, endingOf, type How, howOf } from "../../ending.ts";
import type { Path } from "../../path.ts";

const LINE = Buffer.from("sounder\n");
/** Parts of the whole time after which a line is exchanged, but 1 s at most. */
const PARTS = 20;
const MOST = 1000;
/** How long the server may take to see how it ended, in milliseconds. */
const WITHIN = 5000;

/** How long a connection lived that was never idle for long. */
export interface Life {
  /**
   * How it ended here: `none`, not within the time; `silent`, a line was not
   * answered any more.
   */
  how: Exclude<How, "open"> | "none" | "silent";
  /** Milliseconds from its opening to its end, or to its last answer. */
  age: number;
  /** The same from when the check began. */
  at: number;
  /** How the server saw it end; null where it can't be told. */
  server: Ended["how"] | null;
  /** Seconds after which the server itself ends any connection; null: never. */
  serverLimit: number | null;
  instance: string | null;
}

/** How often a line is exchanged, in milliseconds. */
export function everyOf(lifetime: number): number {
  return Math.min(lifetime / PARTS, MOST);
}

/**
 * Holds a connection for a time, and exchanges a line every so often.
 * @param lifetime milliseconds
 * @param began when the check did
 * @throws as Path.ask() or Path.open(); Reason `EMISMATCH`
 */
export async function live(
  path: Path,
  lifetime: number,
  began: number,
): Promise<Life> {
  const opened = performance.now();
  await using asked = path.cooperates
    ? await path.ask({ ask: "quiet" })
    : undefined;
  await using own = asked === undefined ? await path.open() : undefined;
  const conversation = asked?.conversation ?? own!;
  const { how, until } = await hold(conversation, path, opened, lifetime);
  const answer = asked?.answer;
  return {
    how,
    age: until - opened,
    at: until - began,
    server: how === "none" ? null : await seenBy(path, answer),
    serverLimit: answer?.maxLifetime ?? null,
    instance: answer?.instance ?? null,
  };
}

/** @param opened as performance.now() told it */
async function hold(
  conversation: Conversation,
  path: Path,
  opened: number,
  lifetime: number,
): Promise<{ how: Life["how"]; until: number }> {
  const every = everyOf(lifetime);
  let heard = performance.now();
  for (;;) {
    try {
      // Twice as long as any other answer may take: slow is not dead.
      await conversation.exchange(LINE, 2 * path.reach.timeout);
    } catch (error) {
      path.stop.throwIfAborted();
      if (codeOf(error) === "EMISMATCH") throw error;
      const how = howOf(error);
      return how === "open"
        ? { how: "silent", until: heard }
        : { how, until: performance.now() };
    }
    heard = performance.now();
    if (heard - opened >= lifetime) return { how: "none", until: heard };
    const { how } = await endingOf(conversation, path, every);
    if (how !== "open") return { how, until: performance.now() };
  }
}

async function seenBy(
  path: Path,
  answer: Answered | undefined,
): Promise<Ended["how"] | null> {
  if (answer === undefined) return null;
  try {
    return (await endedThere(path, answer, WITHIN))?.how ?? null;
  } catch {
    path.stop.throwIfAborted();
    // Its server may be gone.
    return null;
  }
}
