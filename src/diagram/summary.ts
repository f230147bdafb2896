import type { Side, TraceEvent } from "../socket/trace/event.ts";
import { formatDuration } from "../units.ts";
import { type Diagram, otherSide, type Row, type Span } from "./diagram.ts";

type Seen = Pick<Diagram, "client" | "server"> & {
  rows: readonly Row[];
  spans: readonly Span[];
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

function endingOf({ events }: Seen): string | undefined {
  const end = events.find(({ verb }) =>
    ["finish", "finished", "reset"].includes(verb),
  );
  if (end === undefined) return "Nobody has closed it.";
  const { side, verb, detail } = end;
  const isOwn = verb === "finish" || detail.startsWith("RST →");
  const who = upper(the(isOwn ? side : otherSide(side)));
  const reset = events.find((one) => one.verb === "reset");
  if (reset === undefined) return `${who} closed first: its FIN is step 11.`;
  const byOwn = reset.detail.startsWith("RST →");
  const breaker = the(byOwn ? reset.side : otherSide(reset.side));
  const broke = `${breaker} reset it: what was on its way is lost.`;
  return verb === "reset"
    ? upper(broke)
    : `${who} closed first (FIN, step 11), and ${broke}`;
}

/** The longest time in which one side could only wait for the other. */
function waitOf({ events }: Seen): string | undefined {
  let longest: { side: Side; time: number; call: string } | undefined;
  for (const side of ["client", "server"] as const) {
    const own = events.filter((one) => one.side === side);
    for (const [index, event] of own.entries()) {
      const before = own
        .slice(0, index)
        .findLast(({ verb }) => verb !== "waiting");
      const call = CALLS[event.verb];
      if (before === undefined || call === undefined) continue;
      const time = event.at - before.at;
      if (time > (longest?.time ?? LONG)) longest = { side, time, call };
    }
  }
  if (longest === undefined) return undefined;
  const { side, time, call } = longest;
  if (call === "pause") {
    return `${upper(the(side))} read nothing for ${formatDuration(time)}: its window was closed, and the other side had to wait.`;
  }
  const blocked =
    side === "server"
      ? ": a thread of its own would be blocked there; an event loop serves others meanwhile"
      : "";
  return `${upper(the(side))} waited longest in ${call}, ${formatDuration(time)}${blocked}.`;
}

const CALLS: Readonly<Record<string, string>> = {
  accept: "accept",
  read: "read",
  finished: "read",
  connected: "connect",
  resume: "pause",
};

/** What is left in the kernels, and who holds a port. */
function restOf({ spans, client, server }: Seen): string[] {
  return (["client", "server"] as const).flatMap((side) => {
    const last = spans.findLast((one) => one.side === side);
    if (last === undefined) return [];
    const name = side === "client" ? client : server;
    const port = name === "" ? "" : ` (${name})`;
    const sure = last.known ? "" : ", by TCP's rules";
    switch (last.state) {
      case "TIME-WAIT":
        return [
          `${upper(the(side))}${port} holds its port in TIME-WAIT, for 60 s on Linux: it closed first${sure}.`,
        ];
      case "FIN-WAIT-2":
        return [
          `${upper(the(side))}${port} is in FIN-WAIT-2: the other side has not closed yet${sure}.`,
        ];
      case "CLOSE-WAIT":
        return [
          `${upper(the(side))}${port} is in CLOSE-WAIT: its program has not closed yet${sure}.`,
        ];
      default:
        return [];
    }
  });
}
