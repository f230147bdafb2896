import type { Side, Step, TraceEvent } from "../socket/trace/event.ts";
import { plural } from "../units.ts";

type Named = Pick<TraceEvent, "verb" | "side"> &
  Partial<Pick<TraceEvent, "step" | "detail" | "bytes" | "data">>;

const INFERRED: Readonly<Record<string, Step>> = {
  connect: 5,
  request: 6,
  connected: 7,
  accept: 8,
};

/** What stands beside the lifeline. */
export function labelOf(event: Named): {
  step: Step | undefined;
  label: string;
} {
  const { verb, step, detail = "" } = event;
  const number = step ?? INFERRED[verb];
  return { step: number ?? undefined, label: words(event, verb, detail) };
}

function words({ side, bytes }: Named, verb: string, detail: string): string {
  switch (verb) {
    case "request":
      return "request, by its kernel";
    case "accept":
      return "accept";
    case "connect":
      return "connect";
    case "connected":
      return "connected";
    case "write":
    case "read":
      return `${verb} ${plural(bytes ?? 0, "byte")}`;
    case "finish":
      return "finish: our FIN";
    case "finished":
      return `finished: ${theirs(side)} FIN`;
    case "reset":
      return detail.startsWith("RST →") ? "reset it" : "was reset";
    case "waiting":
      return waitingWords(detail);
    case "pause":
      return "pause: the window closes";
    case "resume":
      return "resume: reading again";
    case "closed":
      return "closed";
    case "tls":
      return `TLS: ${detail.split(",", 1)[0]}`;
    default:
      return detail === "" ? verb : `${verb} ${detail}`;
  }
}

function theirs(side: Side): string {
  return side === "client" ? "the server's" : "the client's";
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
