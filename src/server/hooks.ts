import { attempt } from "../errors/errors.ts";
import type { Cause } from "./peer.ts";
import type { Rejection } from "./tally.ts";

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

/** What is told of a connection that was not let in. */
export interface Rejected {
  reason: Rejection;
  /** As far as it is known: before its PROXY header, a connection is a proxy's. */
  peer: string;
  /** In words, where there is more to be said than the reason. */
  why?: string;
}

/** What its owner may be told of a server. */
export interface ServerHooks {
  /** Called once a connection is accepted. If it throws, that one is reset. */
  onConnect?(peer: { id: number; peer: string }): void;
  /** Called once a connection is gone. */
  onDisconnect?(ended: Ended): void;
  /** Called when files run out, and nobody is let in, or are there again. */
  onFiles?(left: boolean): void;
  /** Called when a connection is not let in. */
  onReject?(rejected: Rejected): void;
  /**
   * Called with what another of these threw, the trace's printer did, or our
   * own code while it handled a connection. Without it, that is an uncaught
   * error.
   */
  onError?(error: unknown): void;
}

/** Calls hooks so that one that fails costs no more than its own connection. */
export class HookCaller {
  constructor(private readonly hooks: ServerHooks) {}

  connected(
    peer: { id: number; peer: string },
    failed: (error: unknown) => void,
  ): void {
    this.call(() => this.hooks.onConnect?.(peer), failed);
  }

  disconnected(ended: Ended): void {
    this.call(() => this.hooks.onDisconnect?.(ended));
  }

  files(left: boolean): void {
    this.call(() => this.hooks.onFiles?.(left));
  }

  rejected(rejected: Rejected): void {
    this.call(() => this.hooks.onReject?.(rejected));
  }

  /** Tells what the owner's code, or ours, threw. */
  readonly failed = (error: unknown): void => {
    if (this.hooks.onError === undefined) {
      reportError(error);
      return;
    }
    attempt(() => this.hooks.onError!(error), reportError);
  };

  private call(hook: () => unknown, alsoFailed?: (error: unknown) => void) {
    attempt(hook, (error) => {
      this.failed(error);
      alsoFailed?.(error);
    });
  }
}
