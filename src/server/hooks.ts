import type { FaultEvent } from "../faults/link.ts";
import { InboundCaller, type InboundHooks } from "../inbound/hooks.ts";
import type { Rejected } from "../inbound/rejection.ts";
import { EventQueue } from "./events.ts";
import type { Cause, Peer } from "./peer.ts";

/** What is told of a connection that has ended. */
export interface Ended {
  id: number;
  /** `127.0.0.1:53124`, or `unix peer 3`. */
  peer: string;
  /** Milliseconds. */
  lasted: number;
  bytesIn: number;
  bytesOut: number;
  /** Bytes the peer was still owed. */
  dropped: number;
  cause: Cause;
}

/** What its owner may be told of a server. */
export interface ServerHooks extends InboundHooks {
  /** Called once a connection is accepted. If it throws, that one is reset. */
  onConnect?(peer: { id: number; peer: string }): void;
  /** Called once a connection is gone. */
  onDisconnect?(ended: Ended): void;
  /** Called when a fault acts; of `refuse`, with the number that was refused. */
  onFault?(event: FaultEvent): void;
}

/** What happened to a server's connections, as its hooks are told it. */
export type ServerEvent =
  | { type: "connect"; id: number; peer: string }
  | ({ type: "disconnect" } & Ended)
  | ({ type: "reject" } & Rejected)
  | ({ type: "fault" } & FaultEvent);

/** Calls a server's hooks, and tells who listens to its events. */
export class HookCaller extends InboundCaller<ServerHooks> {
  private readonly queues = new Set<EventQueue<ServerEvent>>();
  private isOver = false;

  connected(who: Pick<Peer, "id" | "name">, failed: (error: unknown) => void) {
    // A name takes memory for as long as its connection is open.
    if (this.queues.size === 0 && this.hooks.onConnect === undefined) return;
    const peer = { id: who.id, peer: who.name };
    this.tell({ type: "connect", ...peer });
    this.call(() => this.hooks.onConnect?.(peer), failed);
  }

  disconnected(ended: Ended): void {
    this.tell({ type: "disconnect", ...ended });
    this.call(() => this.hooks.onDisconnect?.(ended));
  }

  override rejected(rejected: Rejected): void {
    this.tell({ type: "reject", ...rejected });
    super.rejected(rejected);
  }

  acted(event: FaultEvent): void {
    this.tell({ type: "fault", ...event });
    this.call(() => this.hooks.onFault?.(event));
  }

  /** What happens from now on, until the server has stopped. */
  listen(signal: AbortSignal | undefined): EventQueue<ServerEvent> {
    const queue = new EventQueue<ServerEvent>(signal, () =>
      this.queues.delete(queue),
    );
    if (this.isOver) queue.end();
    else if (!signal?.aborted) this.queues.add(queue);
    return queue;
  }

  /** Nothing happens any more. */
  end(): void {
    this.isOver = true;
    this.queues.forEach((queue) => queue.end());
  }

  private tell(event: ServerEvent): void {
    for (const queue of this.queues) queue.push(event);
  }
}
