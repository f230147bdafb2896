import type { Side, TraceEvent } from "../socket/trace/event.ts";
import { formatDuration } from "../units.ts";
import { type Diagram, otherSide, type Span } from "./diagram.ts";
import { endIn, isOwnReset } from "./labels.ts";

type Seen = Pick<Diagram, "client" | "server" | "family" | "spans"> & {
  events: readonly TraceEvent[];
};

/** Waits that are shorter are nobody's trouble, in milliseconds. */
const LONG = 1;

/** What a picture shows, in sentences: who, where, and what is left. */
export function summaryOf(seen: Seen): string[] {
  return [endingOf(seen), waitOf(seen), ...restOf(seen)].filter(
    (sentence) => sentence !== undefined,
  );
}

function the(side: Side): string {
  return `the ${side}`;
}

function upper(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function endingOf({ events, family }: Seen): string | undefined {
  const end = events.find(({ verb }) =>
    ["finish", "finished", "reset"].includes(verb),
  );
  const failed = events.find(({ verb }) => verb === "failed");
  if (end === undefined && failed !== undefined) {
    return `It failed: ${failed.detail}.`;
  }
  if (end === undefined) return "Nobody had closed it when this was drawn.";
  const { side, verb } = end;
  const isOwn = verb === "finish" || isOwnReset(end);
  const who = upper(the(isOwn ? side : otherSide(side)));
  const reset = events.find((one) => one.verb === "reset");
  const sign = endIn(family);
  if (reset === undefined) {
    return `${who} closed first: its ${sign} is step 11.`;
  }
  const breaker = the(isOwnReset(reset) ? reset.side : otherSide(reset.side));
  const broke = `${breaker} reset it: what was on its way is lost.`;
  return verb === "reset"
    ? upper(broke)
    : `${who} closed first (${sign}, step 11), and ${broke}`;
}

interface Wait {
  side: Side;
  ms: number;
  call: string;
}

/** The longest time in which one side could only wait for the other. */
function waitOf({ events }: Seen): string | undefined {
  const longest = (["client", "server"] as const)
    .flatMap((side) => [...waitsIn(events, side)])
    .reduce<Wait | undefined>(
      (most, one) => (one.ms > (most?.ms ?? LONG) ? one : most),
      undefined,
    );
  if (longest === undefined) return undefined;
  const { side, ms, call } = longest;
  if (call === "pause") {
    return `${upper(the(side))} read nothing for ${formatDuration(ms)}: what the other side sent had to wait.`;
  }
  const blocked =
    side === "server"
      ? ": a thread of its own would be blocked there; an event loop serves others meanwhile"
      : "";
  return `${upper(the(side))} waited longest in ${call}, ${formatDuration(ms)}${blocked}.`;
}

/** What ends a wait, and in which call it was. */
const CALLS: Readonly<Record<string, string>> = {
  read: "read",
  finished: "read",
  connected: "connect",
  resume: "pause",
};

function* waitsIn(events: readonly TraceEvent[], side: Side): Generator<Wait> {
  let before: number | undefined;
  let paused: number | undefined;
  for (const { side: whose, verb, at } of events) {
    if (whose !== side || verb === "waiting") continue;
    const call = CALLS[verb];
    // Paused, it may write all the same.
    const since = verb === "resume" ? paused : before;
    if (call !== undefined && since !== undefined) {
      yield { side, ms: at - since, call };
    }
    if (verb === "pause") paused = at;
    before = at;
  }
}

/** What is left in the kernels, and who holds a port. */
function restOf(seen: Seen): string[] {
  const { spans, family } = seen;
  if (family === "unix") {
    return [
      "No port is held: a Unix socket has none, and none of TCP's states.",
    ];
  }
  const lasts = (["client", "server"] as const).flatMap(
    (side) => spans.findLast((one) => one.side === side) ?? [],
  );
  const both = lasts.filter(({ state }) => state === "TIME-WAIT").length === 2;
  const wasReset = seen.events.some(({ verb }) => verb === "reset");
  if (wasReset && lasts.every(({ state }) => state === "CLOSED")) {
    return ["Neither side holds its port: a reset leaves no TIME-WAIT behind."];
  }
  return lasts.flatMap((last) => restSentence(last, seen, both) ?? []);
}

function restSentence(
  { side, state, known }: Span,
  seen: Seen,
  both: boolean,
): string | undefined {
  const name = seen[side];
  const who = `${upper(the(side))}${name === "" ? "" : ` (${name})`}`;
  const sure = known ? "" : ", by TCP's rules";
  switch (state) {
    case "TIME-WAIT": {
      const why = both ? "both closed at once" : "it closed first";
      const advice =
        side === "server"
          ? " A server that restarts meanwhile needs SO_REUSEADDR."
          : "";
      return `${who} holds its port in TIME-WAIT, for 60 s on Linux: ${why}${sure}.${advice}`;
    }
    case "FIN-WAIT-1":
      // Inferred, it may have gone on long ago.
      return known
        ? `${who} is in FIN-WAIT-1: its FIN is not acknowledged yet.`
        : undefined;
    case "FIN-WAIT-2":
      return `${who} is in FIN-WAIT-2: the other side has not closed yet${sure}.`;
    case "CLOSE-WAIT":
      return `${who} is in CLOSE-WAIT: its program has not closed yet${sure}.`;
    default:
      return undefined;
  }
}
