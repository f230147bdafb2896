import type { Side, TraceEvent } from "../socket/trace/event.ts";
import type { Family } from "./diagram.ts";

/** What a trace calls a peer that has no name: those of Unix sockets. */
const NAMELESS = "unix peer";

function isUnix(name: string | null | undefined): boolean {
  return name === NAMELESS || (name?.startsWith("unix:") ?? false);
}

/** Whether a picture's connection is one of TCP. */
export function familyOf(events: readonly TraceEvent[]): Family {
  // A server may listen on both: its connection itself tells more.
  const one =
    events.find(({ connection, peer }) => connection !== null && peer) ??
    events.find(({ verb, peer }) => verb === "connect" && peer);
  if (one !== undefined) return isUnix(one.peer) ? "unix" : "tcp";
  const sockets = events.filter(({ verb }) => verb === "socket");
  const all = sockets.every(({ detail }) => detail === "unix");
  return sockets.length > 0 && all ? "unix" : "tcp";
}

/** The names of both ends; empty where there is none, or nobody told it. */
export function endsOf(events: readonly TraceEvent[]): Record<Side, string> {
  const of = (side: Side) => {
    const told = events.filter(({ connection }) => connection !== null);
    const own = told.find((one) => one.side === side && one.local !== null);
    const other = told.find((one) => one.side !== side && one.peer !== null);
    const name = own?.local ?? other?.peer ?? null;
    return name === null || name === NAMELESS ? undefined : name;
  };
  const listening = events.find(({ verb }) => verb === "listen")?.local;
  const asked = events.find(({ verb }) => verb === "connect")?.peer;
  return {
    client: of("client") ?? "",
    server: of("server") ?? asked ?? listening ?? "",
  };
}
