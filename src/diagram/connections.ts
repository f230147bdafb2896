import { SounderError } from "../errors/errors.ts";
import type { Side, TraceEvent } from "../socket/trace/event.ts";
import { buildDiagram } from "./build.ts";
import type { Diagram } from "./diagram.ts";
import { onOneClock } from "./merge.ts";

/** One side's events of one connection, with what that side did before it. */
interface Story {
  side: Side;
  local: string | null;
  peer: string | null;
  events: TraceEvent[];
}

/** Of several traces, the pictures of their connections, in their order. */
export function diagramsOf(
  traces: readonly (readonly TraceEvent[])[],
): Diagram[] {
  const stories = traces.flatMap(storiesIn);
  const clients = stories.filter(({ side }) => side === "client");
  const servers = stories.filter(({ side }) => side === "server");
  if (clients.length === 0 || servers.length === 0) {
    return stories.map(({ events }) => buildDiagram(events));
  }
  return together(clients, servers);
}

/** @throws SounderError `ETRACE` where no connection is in both */
function together(
  clients: readonly Story[],
  servers: readonly Story[],
): Diagram[] {
  const left = [...servers];
  const diagrams = clients.flatMap((client) => {
    const place = left.findIndex((server) => isSame(client, server));
    // Through a proxy or NAT, addresses differ: then what was said has to do.
    const found =
      place >= 0 ? place : left.findIndex((server) => isAlike(client, server));
    if (found < 0) return [];
    const [server] = left.splice(found, 1);
    const { events, note } = onOneClock(client.events, server!.events);
    const other =
      place >= 0
        ? []
        : [
            "The two sides name other addresses: they belong together by what was said.",
          ];
    return [buildDiagram(events, [note, ...other])];
  });
  if (diagrams.length > 0) return diagrams;
  throw new SounderError(
    "the client's and the server's traces have no connection in common",
    "ETRACE",
  );
}

function storiesIn(events: readonly TraceEvent[]): Story[] {
  return (["client", "server"] as const).flatMap((side) => {
    const own = events.filter((one) => one.side === side);
    const ids = new Set(own.flatMap(({ connection }) => connection ?? []));
    const common = own.filter(({ connection }) => connection === null);
    if (ids.size === 0) {
      return common.length > 0 ? [storyOf(side, common)] : [];
    }
    return [...ids].map((id) => {
      const its = own.filter(({ connection }) => connection === id);
      const until = its[0]!.at;
      const before = common.filter(
        ({ at, verb }) => at <= until || !WAITS.includes(verb),
      );
      return storyOf(
        side,
        [...before, ...its].toSorted((a, b) => a.at - b.at),
      );
    });
  });
}

/** What goes on beside a connection is not about it. */
const WAITS = ["waiting"];

function storyOf(side: Side, events: TraceEvent[]): Story {
  const named = events.find(({ connection }) => connection !== null);
  return {
    side,
    local: named?.local ?? null,
    peer: named?.peer ?? null,
    events,
  };
}

function isSame(client: Story, server: Story): boolean {
  if (client.local === null || server.peer === null) return false;
  return bare(client.local) === bare(server.peer);
}

function bare(name: string): string {
  return name.replace(/^\[::ffff:([\d.]+)\]/, "$1");
}

/** Whether as many bytes went each way. */
function isAlike(client: Story, server: Story): boolean {
  const sum = ({ events }: Story, verb: string) =>
    events.reduce(
      (all, one) => all + (one.verb === verb ? (one.bytes ?? 0) : 0),
      0,
    );
  return (
    sum(client, "write") === sum(server, "read") &&
    sum(client, "read") === sum(server, "write")
  );
}
