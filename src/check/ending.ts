import { codeOf, Reason } from "../errors/errors.ts";
import type { Answered, Ended } from "../protocol/cooperation/answer.ts";
import type { Conversation } from "./conversation.ts";
import type { Path } from "./path.ts";

/**
 * How a connection ended, as this end saw it:
 * - `truncated`: by a FIN without the end of TLS (close_notify) before it.
 * - `open`: it did not.
 */
export type How = "FIN" | "RST" | "truncated" | "open";

/** An end, and what came before it. */
export interface Ending {
  how: How;
  /** Bytes that came until then. */
  bytes: number;
  /** Milliseconds until then. */
  ms: number;
}

/**
 * Reads a connection to its end.
 * @param within milliseconds for it
 * @throws the reason of `path.stop`
 */
export async function endingOf(
  conversation: Conversation,
  path: Path,
  within: number,
): Promise<Ending> {
  const began = performance.now();
  const left = () => within - (performance.now() - began);
  let bytes = 0;
  const ending = (how: How) => ({ how, bytes, ms: performance.now() - began });
  try {
    for (;;) {
      const chunk = await conversation.read(left());
      if (chunk === undefined) return ending("FIN");
      bytes += chunk.length;
    }
  } catch (error) {
    path.stop.throwIfAborted();
    return ending(howOf(error));
  }
}

/** @param error what a wait for bytes was rejected with */
export function howOf(error: unknown): How {
  const code = codeOf(error);
  // The kernel's own timeout of a connection is no Reason, and ends it.
  if (code === "ETIMEDOUT" && error instanceof Reason) return "open";
  if (code === "EEARLY") return "FIN";
  return code === "ETRUNCATED" ? "truncated" : "RST";
}

/** How long it takes from one question to the next, in milliseconds. */
const WAITS = [20, 50, 100, 200, 400];

/**
 * How a cooperating server saw a connection end, once it has; that it is open,
 * where it still is.
 * @param within milliseconds for it to end
 * @returns undefined where the instance does not remember it
 * @throws as Path.ask()
 */
export async function endedThere(
  path: Path,
  { instance, connection }: Answered,
  within: number,
): Promise<Ended | undefined> {
  const deadline = performance.now() + within;
  for (let tries = 0; ; tries += 1) {
    await using asked = await path.ask({ ask: "ended", connection }, instance);
    const { ended } = asked.answer;
    if (ended?.how !== "open" || performance.now() > deadline) {
      return ended ?? undefined;
    }
    await path.wait(WAITS[tries] ?? WAITS.at(-1)!);
  }
}
