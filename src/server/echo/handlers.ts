import type { Permit, Wire, WireHandlers } from "../../socket/wire.ts";
import type { Peer } from "../peer.ts";
import type { Reply } from "./reply.ts";
import { BULK, Turns } from "./turns.ts";

/** What the handlers tell their server. */
export interface Registry {
  /** Gives the socket its state. */
  opened(wire: Wire<Peer>, permit: Permit | undefined): void;
  /** What a peer is owed has changed: it stalled, or took some or all of it. */
  owed(peer: Peer): void;
  closed(peer: Peer): void;
  /** Our own code threw while it handled a connection. */
  failed(error: unknown): void;
}

function socketOnEnd(wire: Wire<Peer>, truncated = false): void {
  const peer = wire.data;
  if (truncated && peer.cause === "FIN") peer.cause = "truncated";
  // What is owed goes out before our FIN, as the kernel makes room.
  if (peer.outbox.pending > 0) peer.phase = "flushing";
  else wire.end();
}

/** What serves a server's sockets. */
export interface EchoHandlers extends WireHandlers<Peer> {
  /** Sends what is the server's own, as what a peer is owed. */
  send(wire: Wire<Peer>, bytes: Buffer): void;
}

/** One set of handlers for all of a server's sockets. */
export function echoHandlers(reply: Reply, registry: Registry): EchoHandlers {
  const turns = new Turns();

  /** A reader that stalls pauses its own connection, and no other. */
  function stall(wire: Wire<Peer>): void {
    const peer = wire.data;
    // What comes while it is paused was read before, as of TLS, or is what the
    // kernel still had of a peer that has reset: a write tells which.
    if (peer.isPaused) {
      writable(wire);
      return;
    }
    // After our own FIN nothing can be answered: the reset says so. Where the
    // peer's reset was met, Bun tells no end of a socket that is paused.
    if (peer.phase === "finished" || peer.outbox.refused) {
      wire.terminate();
      return;
    }
    peer.isPaused = true;
    wire.pause();
    registry.owed(peer);
  }

  /** The kernel has room again. */
  function writable(wire: Wire<Peer>): void {
    const peer = wire.data;
    const { outbox } = peer;
    // It fires spuriously, too.
    if (outbox.pending === 0) return;
    const sent = outbox.flush(wire);
    if (outbox.refused) {
      wire.terminate();
      return;
    }
    registry.owed(peer);
    if (!sent) return;
    peer.isPaused = false;
    if (peer.phase === "flushing") wire.end();
    else wire.resume();
  }

  return {
    open: (wire, permit) => registry.opened(wire, permit),
    data(wire, chunk) {
      // Once it is answered, its memory may be given up.
      const { length } = chunk;
      if (!reply(wire, chunk)) stall(wire);
      else if (length >= BULK) turns.took(wire.data, length);
    },
    writable,
    send(wire, bytes) {
      if (!wire.data.outbox.send(wire, bytes)) stall(wire);
    },
    end: socketOnEnd,
    close(wire, error) {
      const peer = wire.data;
      // Bun gives one that was not let in no state, and closes it all the same.
      if (peer === undefined) return;
      turns.remove(peer);
      peer.closed(error);
      registry.closed(peer);
    },
    error(wire, error) {
      registry.failed(error);
      // One that was not let in has no state.
      if (wire.data !== undefined) wire.data.cause = "error";
      wire.terminate();
    },
  };
}
