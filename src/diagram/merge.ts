import type { TraceEvent } from "../socket/trace/event.ts";
import { formatDuration } from "../units.ts";

/** Both sides of one connection, on one clock. */
export interface Merged {
  events: TraceEvent[];
  /** How the clocks were set. */
  note: string;
}

/**
 * Between what the server's clock may be ahead of the client's, in milliseconds:
 * what came there was sent before, and what came back was sent before that.
 */
export interface Bounds {
  low: number;
  high: number;
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
  const { offset, note } = offsetOf(boundsOf(client, server));
  const moved = server.map((event) => ({ ...event, at: event.at - offset }));
  return { events: causal([...client], moved), note };
}

function offsetOf({ low, high }: Bounds): { offset: number; note: string } {
  const isBounded = Number.isFinite(low) && Number.isFinite(high);
  if (low <= 0 && high >= 0) {
    // Those of one machine are the same clock.
    const most = formatDuration(Math.max(high, -low));
    const note = isBounded
      ? `Nothing in the exchange tells the two clocks apart: they agree within ${most}.`
      : "The two clocks are taken to agree: what is known of both says nothing else.";
    return { offset: 0, note };
  }
  const offset = isBounded
    ? (low + high) / 2
    : Number.isFinite(low)
      ? low
      : high;
  const by = formatDuration(Math.abs(offset));
  const how = offset > 0 ? "ahead of" : "behind";
  const was = `The server's clock was ${by} ${how} the client's, estimated from the exchange`;
  return { offset, note: was + doubtOf({ low, high }) };
}

function doubtOf({ low, high }: Bounds): string {
  const doubt = (high - low) / 2;
  if (doubt === Infinity) {
    return " in one direction alone: that it was further off can't be told. It is set right here.";
  }
  if (doubt >= 0) {
    return ` (± ${formatDuration(doubt)}); it is set right here.`;
  }
  const against = formatDuration(-2 * doubt);
  return `, whose two directions contradict each other by ${against}: one of the clocks was set meanwhile, or runs fast. It is set right here as far as may be.`;
}

/** @see {@link Bounds}; where `low` is above `high`, they don't fit. */
export function boundsOf(
  client: readonly TraceEvent[],
  server: readonly TraceEvent[],
): Bounds {
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

/** What brings something about is before it, in milliseconds. */
const MOMENT = 0.001;

/**
 * By time, but nothing before what brought it about: where the offset is not
 * known well enough, or a trace tells what it wrote only once it is written.
 */
function causal(client: TraceEvent[], server: TraceEvent[]): TraceEvent[] {
  const causes = [...pairs(client, server), ...pairs(server, client)];
  const connected = client.find(({ verb }) => verb === "connected");
  const accept = server.find(({ verb }) => verb === "accept");
  if (connected !== undefined && accept !== undefined) {
    causes.push([connected, accept]);
  }
  const order = new Map<TraceEvent, number>();
  for (const own of [client, server]) {
    for (const [index, event] of own.entries()) order.set(event, index);
  }
  const places = new Map<TraceEvent, number>();
  const placeOf = (event: TraceEvent) => places.get(event) ?? event.at;
  for (const [cause, effect] of causes) {
    if (placeOf(cause) < placeOf(effect)) continue;
    const own = cause.side === "client" ? client : server;
    const place = placeOf(effect) - MOMENT;
    // What that side did before stays before it.
    for (let index = order.get(cause)!; index >= 0; index -= 1) {
      if (placeOf(own[index]!) <= place) break;
      places.set(own[index]!, place);
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
  const reads = to.filter(({ verb }) => verb === "read");
  let next = 0;
  let came = reads[0]?.bytes ?? 0;
  let sent = 0;
  for (const write of from) {
    if (write.verb !== "write" || !write.bytes) continue;
    // The read that its first byte came with.
    while (next < reads.length && came <= sent) {
      next += 1;
      came += reads[next]?.bytes ?? 0;
    }
    sent += write.bytes;
    if (next < reads.length) yield [write, reads[next]!];
  }
  const finish = from.find(({ verb }) => verb === "finish");
  const finished = to.find(({ verb }) => verb === "finished");
  if (finish !== undefined && finished !== undefined) yield [finish, finished];
}
