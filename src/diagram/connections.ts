import { SounderError } from "../errors/errors.ts";
import type { TraceEvent } from "../socket/trace/event.ts";
import { buildDiagram } from "./build.ts";
import type { Diagram } from "./diagram.ts";
import { familyOf } from "./ends.ts";
import { boundsOf, onOneClock } from "./merge.ts";
import { storiesIn, type Story } from "./stories.ts";

/**
 * Of several traces, the pictures of their connections, in their order.
 * @throws SounderError `ETRACE` where both sides are told, and have none in common
 */
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

function together(
  clients: readonly Story[],
  servers: readonly Story[],
): Diagram[] {
  const left = new Set(servers);
  const diagrams = clients.flatMap((client) => {
    const found = byAddress(client, left) ?? byContent(client, left);
    if (found === undefined) return [];
    left.delete(found.server);
    const { events, note } = onOneClock(client.events, found.server.events);
    return [buildDiagram(events, [note, ...found.notes])];
  });
  if (diagrams.length > 0) return diagrams;
  throw new SounderError(
    "the client's and the server's traces have no connection in common",
    "ETRACE",
  );
}

interface Match {
  server: Story;
  notes: string[];
}

function byAddress(
  { local }: Story,
  servers: ReadonlySet<Story>,
): Match | undefined {
  if (local === null) return undefined;
  for (const server of servers) {
    if (server.peer !== null && bare(local) === bare(server.peer)) {
      return { server, notes: [] };
    }
  }
  return undefined;
}

function bare(name: string): string {
  return name.replace(/^\[::ffff:([\d.]+)\]/, "$1");
}

/**
 * Through a proxy or NAT, addresses differ, and a Unix socket's client has none:
 * then what was said, and when, has to do.
 */
function byContent(
  client: Story,
  servers: ReadonlySet<Story>,
): Match | undefined {
  const alike = Array.from(servers)
    .filter((server) => isAlike(client, server))
    .map((server) => {
      const { low, high } = boundsOf(client.events, server.events);
      return { server, against: Math.max(low - high, 0) };
    })
    .toSorted((a, b) => a.against - b.against);
  const [best] = alike;
  if (best === undefined) return undefined;
  const why =
    familyOf(client.events) === "unix"
      ? "A Unix socket's client has no name"
      : "The two sides name other addresses";
  const notes = [`${why}: they belong together by what was said.`];
  if (alike.length > 1) {
    notes.push(
      `${alike.length} of the server's connections fit: this is the one whose times do best, or the first of them.`,
    );
  }
  return { server: best.server, notes };
}

/** Whether as many bytes went each way, and what is known of them is the same. */
function isAlike(client: Story, server: Story): boolean {
  return (
    isHeard(client.events, server.events) &&
    isHeard(server.events, client.events)
  );
}

function isHeard(
  from: readonly TraceEvent[],
  to: readonly TraceEvent[],
): boolean {
  const sent = from.filter(({ verb }) => verb === "write");
  const came = to.filter(({ verb }) => verb === "read");
  // A reset takes with it what is on its way.
  const isCut = [...from, ...to].some(({ verb }) => verb === "reset");
  const isFit = isCut ? sum(came) <= sum(sent) : sum(came) === sum(sent);
  if (!isFit) return false;
  const [one, other] = [sent[0]?.data, came[0]?.data];
  // They are cut at other places, or not told at all.
  if (!one || !other) return true;
  return one.startsWith(other) || other.startsWith(one);
}

function sum(events: readonly TraceEvent[]): number {
  return events.reduce((all, { bytes }) => all + (bytes ?? 0), 0);
}
