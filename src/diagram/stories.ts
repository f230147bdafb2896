import type { Side, TraceEvent } from "../socket/trace/event.ts";

/** One side's events of one connection, with what that side did before it. */
export interface Story {
  side: Side;
  local: string | null;
  peer: string | null;
  events: TraceEvent[];
}

/** The connections in a trace, each in the order of time. */
export function storiesIn(events: readonly TraceEvent[]): Story[] {
  return (["client", "server"] as const).flatMap((side) => {
    const own = events
      .filter((one) => one.side === side)
      .toSorted((a, b) => a.at - b.at);
    const common = own.filter(({ connection }) => connection === null);
    const connections = new Map<number, TraceEvent[]>();
    for (const event of own) {
      const { connection } = event;
      if (connection === null) continue;
      const its = connections.get(connection);
      if (its === undefined) connections.set(connection, [event]);
      else its.push(event);
    }
    if (connections.size === 0) {
      return common.length > 0 ? [storyOf(side, common)] : [];
    }
    const isOnly = connections.size === 1;
    const before = side === "server" ? listening(common) : dialling(common);
    return Array.from(connections.values(), (its) => {
      const failed = isOnly
        ? common.filter(({ verb }) => verb === "failed")
        : [];
      const all = [...before(its[0]!), ...its, ...failed];
      return storyOf(
        side,
        all.toSorted((a, b) => a.at - b.at),
      );
    });
  });
}

type Before = (first: TraceEvent) => TraceEvent[];

/** All connections of a server have its listening in common. */
function listening(common: readonly TraceEvent[]): Before {
  const steps = common.filter(({ verb }) => LISTENING.has(verb));
  const waits = common.filter(({ verb }) => verb === "waiting");
  return ({ at }) => {
    const wait = waits.findLast((one) => one.at <= at);
    return wait === undefined ? steps : [...steps, wait];
  };
}

const LISTENING: ReadonlySet<string> = new Set(["socket", "bind", "listen"]);

/** A client has a socket for each; the last one is it, if nothing else tells. */
function dialling(common: readonly TraceEvent[]): Before {
  return ({ at, local }) => {
    const before = common.filter((one) => one.at <= at);
    const place = (verb: string, until: number) =>
      before.findLastIndex((one, index) => index <= until && one.verb === verb);
    const own = before.findLastIndex(
      (one) => one.verb === "connect" && one.local === local,
    );
    const connect = own >= 0 ? own : place("connect", Infinity);
    if (connect < 0) return before;
    const socket = place("socket", connect);
    return socket < 0
      ? [before[connect]!]
      : [before[socket]!, before[connect]!];
  };
}

function storyOf(side: Side, events: TraceEvent[]): Story {
  const named = events.find(({ connection }) => connection !== null);
  return {
    side,
    local: named?.local ?? null,
    peer: named?.peer ?? null,
    events,
  };
}
