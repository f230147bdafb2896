import type { Side, Step, TraceEvent } from "../socket/trace/event.ts";
import { plural } from "../units.ts";
import type { Family } from "./diagram.ts";

type Named = Pick<TraceEvent, "verb" | "side"> &
  Partial<Pick<TraceEvent, "step" | "detail" | "bytes" | "data">>;

const INFERRED: Readonly<Record<string, Step>> = {
  connect: 5,
  request: 6,
  connected: 7,
  accept: 8,
};

/** What stands beside the lifeline. */
export function labelOf(
  event: Named,
  family: Family,
): { step: Step | undefined; label: string } {
  const { verb, step } = event;
  const number = step ?? INFERRED[verb];
  return { step: number ?? undefined, label: words(event, family) };
}

function words(event: Named, family: Family): string {
  const { side, bytes, verb, detail = "" } = event;
  switch (verb) {
    case "request":
      return family === "tcp" ? "request, by its kernel" : "request, queued";
    case "accept":
    case "connect":
    case "connected":
    case "closed":
      return verb;
    case "write":
    case "read":
      return `${verb} ${plural(bytes ?? 0, "byte")}`;
    case "finish":
      return `finish: our ${endIn(family)}`;
    case "finished":
      return `finished: ${theirs(side)} ${endIn(family)}`;
    case "reset":
      return isOwnReset({ detail }) ? "reset it" : "was reset";
    case "waiting":
      return waitingWords(detail);
    case "pause":
      return "pause: reads nothing";
    case "resume":
      return "resume: reading again";
    case "failed":
      return `failed: ${/\((\w+)\)$/.exec(detail)?.[1] ?? detail}`;
    case "tls":
      return `TLS: ${detail.split(",", 1)[0]}`;
    default:
      return detail === "" ? verb : `${verb} ${detail}`;
  }
}

/** What ends a direction: a Unix socket has no segments. */
export function endIn(family: Family): string {
  return family === "tcp" ? "FIN" : "end";
}

/** Whether it is the side that tells it which resets. */
export function isOwnReset({ detail }: Pick<TraceEvent, "detail">): boolean {
  return detail.startsWith("RST →");
}

function theirs(side: Side): string {
  return side === "client" ? "server's" : "client's";
}

/** `(10) read: nothing from … yet`. */
function waitingWords(detail: string): string {
  const [, call = detail] = /^\(\d+\) (\w+)/.exec(detail) ?? [];
  return `waiting in ${call}`;
}

/** What stands on an arrow: how much, and its beginning. */
export function dataLabel({ bytes, data }: TraceEvent): string {
  const size = `${bytes ?? 0} B`;
  // What is no text says nothing.
  const isText = (data?.match(/\\x/g)?.length ?? 0) <= 2;
  if (data === null || data === "" || !isText) return size;
  return `${size} “${data.length > 28 ? `${data.slice(0, 27)}…` : data}”`;
}

/**
 * `+0`, `+96.97 ms`, `+1.03012 s`: to ten microseconds, which tells steps apart
 * that follow each other at once.
 */
export function timeText(at: number): string {
  if (at === 0) return "+0";
  if (at < 999.995) return `+${at.toFixed(2)} ms`;
  const seconds = at / 1000;
  return `+${seconds.toFixed(seconds < 100 ? 5 : seconds < 10_000 ? 3 : 1)} s`;
}
