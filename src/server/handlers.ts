import type { Wire, WireHandlers } from "../socket/wire.ts";
import { Peer } from "./peer.ts";
import type { Reply } from "./reply.ts";

/** What the handlers tell their server. */
export interface Registry {
  opened(wire: Wire<Peer>): Peer;
  closed(peer: Peer): void;
}

/** A reader that stalls pauses its own connection, and no other. */
function stall(wire: Wire<Peer>): void {
  // After our own FIN nothing can be answered: the reset says so.
  if (wire.data.phase === "finished") wire.terminate();
  else wire.pause();
}

function socketOnDrain(wire: Wire<Peer>): void {
  const peer = wire.data;
  const { outbox } = peer;
  // It fires spuriously, too.
  if (outbox.pending === 0 || !outbox.flush(wire)) return;
  if (peer.phase === "draining") wire.end();
  else wire.resume();
}

function socketOnEnd(wire: Wire<Peer>): void {
  const peer = wire.data;
  // What is owed goes out before our FIN, as the kernel makes room.
  if (peer.outbox.pending > 0) peer.phase = "draining";
  else wire.end();
}

function socketOnError(wire: Wire<Peer>): void {
  wire.data.cause = "error";
  wire.terminate();
}

/** One set of handlers for all of a server's sockets. */
export function echoHandlers(
  reply: Reply,
  registry: Registry,
): WireHandlers<Peer> {
  return {
    open(wire) {
      wire.data = registry.opened(wire);
    },
    data(wire, chunk) {
      if (!reply(wire, chunk)) stall(wire);
    },
    drain: socketOnDrain,
    end: socketOnEnd,
    close(wire, error) {
      const peer = wire.data;
      if (
        peer.cause === "FIN" &&
        (error !== undefined || peer.outbox.pending > 0)
      ) {
        peer.cause = "RST";
      }
      peer.phase = "closed";
      registry.closed(peer);
    },
    error: socketOnError,
  };
}
