import type { TraceEvent } from "../socket/trace/event.ts";
import { formatDuration } from "../units.ts";

/** Both sides of one connection, on one clock. */
export interface Merged {
  events: TraceEvent[];
  /** How the clocks were set. */
  note: string;
}

/**
 * Puts a client's and a server's events of one connection on the client's clock.
 * The offset of the server's is estimated from the exchange itself, as NTP does:
 * nothing arrives before it was sent, either way.
 */
export function onOneClock(
  client: readonly TraceEvent[],
  server: readonly TraceEvent[],
): Merged {
  const { low, high } = boundsOf(client, server);
  const [offset, doubt] =
    Number.isFinite(low) && Number.isFinite(high)
      ? [(low + high) / 2, Math.abs(high - low) / 2]
      : [
          Number.isFinite(low) ? low : Number.isFinite(high) ? high : 0,
          Infinity,
        ];
  const moved = server.map((event) => ({ ...event, at: event.at - offset }));
  const events = causal([...client], moved);
  const by = formatDuration(Math.abs(offset));
  const how = offset >= 0 ? "ahead of" : "behind";
  const sure = Number.isFinite(doubt)
    ? `give or take ${formatDuration(doubt)}`
    : "by one direction alone";
  const note = `The server's clock was ${by} ${how} the client's, estimated from the exchange ${sure}; it is set back here.`;
  return { events, note };
}

/**
 * Between what the server's clock may be ahead, in milliseconds: what came there
 * was sent before, and what came back was sent before that.
 */
function boundsOf(
  client: readonly TraceEvent[],
  server: readonly TraceEvent[],
): { low: number; high: number } {
  let high = Infinity;
  let low = -Infinity;
  for (const [sent, came] of pairs(client, server)) {
    high = Math.min(high, came.at - sent.at);
  }
  for (const [sent, came] of pairs(server, client)) {
    low = Math.max(low, sent.at - came.at);
  }
  return { low, high };
}

/** What a step is told behind of: itself has happened a moment before. */
const MOMENT = 0.001;

/**
 * By time, but nothing before what brought it about: a write is told once it is
 * done, and may have been read by then.
 */
function causal(client: TraceEvent[], server: TraceEvent[]): TraceEvent[] {
  const causes = [...pairs(client, server), ...pairs(server, client)];
  const connected = client.find(({ verb }) => verb === "connected");
  const accept = server.find(({ verb }) => verb === "accept");
  if (connected !== undefined && accept !== undefined) {
    causes.push([connected, accept]);
  }
  const places = new Map<TraceEvent, number>();
  const placeOf = (event: TraceEvent) => places.get(event) ?? event.at;
  for (const [cause, effect] of causes) {
    if (placeOf(cause) < placeOf(effect)) continue;
    const own = cause.side === "client" ? client : server;
    const place = placeOf(effect) - MOMENT;
    // What that side did before stays before it.
    for (const event of own.slice(0, own.indexOf(cause) + 1)) {
      if (placeOf(event) > place) places.set(event, place);
    }
  }
  return [...client, ...server]
    .map((event) => ({ event, place: placeOf(event) }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ event, place }) => ({ ...event, at: place }));
}

/** Each write (or FIN) of one side, with what came of it at the other. */
function* pairs(
  from: readonly TraceEvent[],
  to: readonly TraceEvent[],
): Generator<[TraceEvent, TraceEvent]> {
  const connect = from.find(({ verb }) => verb === "connect");
  const accept = to.find(({ verb }) => verb === "accept");
  if (connect !== undefined && accept !== undefined) yield [connect, accept];
  let came = 0;
  const reads = to
    .filter(({ verb }) => verb === "read")
    .map((event) => ({ event, to: (came += event.bytes ?? 0) }));
  let sent = 0;
  for (const write of from) {
    if (write.verb !== "write" || (write.bytes ?? 0) === 0) continue;
    const read = reads.find((one) => one.to > sent);
    sent += write.bytes!;
    if (read !== undefined) yield [write, read.event];
  }
  const finish = from.find(({ verb }) => verb === "finish");
  const finished = to.find(({ verb }) => verb === "finished");
  if (finish !== undefined && finished !== undefined) yield [finish, finished];
}
