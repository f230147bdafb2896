import { InboundCaller, type InboundHooks } from "../inbound/hooks.ts";
import type { Cause } from "./peer.ts";

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
}

/** Calls a server's hooks. */
export class HookCaller extends InboundCaller<ServerHooks> {
  connected(
    peer: { id: number; peer: string },
    failed: (error: unknown) => void,
  ): void {
    this.call(() => this.hooks.onConnect?.(peer), failed);
  }

  disconnected(ended: Ended): void {
    this.call(() => this.hooks.onDisconnect?.(ended));
  }
}
