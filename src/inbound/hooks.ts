import { attempt } from "../errors/errors.ts";
import type { Rejected } from "./rejection.ts";

/** What whoever lets connections in may be told. */
export interface InboundHooks {
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
export class InboundCaller<Hooks extends InboundHooks> {
  constructor(protected readonly hooks: Hooks) {}

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

  protected call(hook: () => unknown, alsoFailed?: (error: unknown) => void) {
    attempt(hook, (error) => {
      this.failed(error);
      alsoFailed?.(error);
    });
  }
}
