import type { FaultEvent } from "../faults/link.ts";
import { InboundCaller, type InboundHooks } from "../inbound/hooks.ts";
import type { ProxyCause } from "./pair.ts";

/** What is told of a connection through a proxy that has ended. */
export interface ProxyEnded {
  id: number;
  /** The client: `127.0.0.1:53124`, or `unix peer 3`. */
  peer: string;
  /** Milliseconds. */
  lasted: number;
  /** Bytes from the client. */
  bytesIn: number;
  /** Bytes to the client. */
  bytesOut: number;
  /** Bytes of either that the other side has not taken. */
  dropped: number;
  cause: ProxyCause;
  /** Why the target could not be had. */
  error?: Error;
}

/** What its owner may be told of a proxy. */
export interface ProxyHooks extends InboundHooks {
  /** Called once a connection is accepted. If it throws, that one is reset. */
  onConnect?(peer: { id: number; peer: string }): void;
  /** Called once both sides of a connection are gone. */
  onDisconnect?(ended: ProxyEnded): void;
  /** Called when a fault acts. */
  onFault?(event: FaultEvent): void;
}

/** Calls a proxy's hooks. */
export class ProxyHookCaller extends InboundCaller<ProxyHooks> {
  connected(
    peer: { id: number; peer: string },
    failed: (error: unknown) => void,
  ): void {
    this.call(() => this.hooks.onConnect?.(peer), failed);
  }

  disconnected(ended: ProxyEnded): void {
    this.call(() => this.hooks.onDisconnect?.(ended));
  }

  acted(event: FaultEvent): void {
    this.call(() => this.hooks.onFault?.(event));
  }
}
