import { shutdownSending } from "../kernel/shutdown.ts";
import { unsentBytes } from "../kernel/unsent.ts";
import type { Wire } from "../socket/wire.ts";
import type { Clock } from "./clock.ts";
import type { End, Ending } from "./end.ts";
import { PATIENCE } from "./pipe.ts";

/** How often the kernel is asked whether all bytes are out, in milliseconds. */
const LOOK_EVERY = 1;
/** What an RST waits where the kernel can't be asked. */
const BLIND_WAIT = 20;

/**
 * A peer of whom nothing is heard is asked for by the kernel after so long. It
 * answers by itself as long as its program holds the connection.
 */
export const WATCH_AFTER = 60_000;

/** A socket as the end of a path. */
export class SocketEnd implements End {
  /** A write tells. */
  readonly isFull = false;
  /** To be set when its `close` is told. */
  closed = false;

  constructor(
    private readonly wire: Wire,
    private readonly clock: Clock,
  ) {}

  write(bytes: Uint8Array): number {
    return this.wire.write(bytes);
  }
  pause(): void {
    if (!this.closed) this.wire.pause();
  }
  resume(): void {
    if (!this.closed) this.wire.resume();
  }
  watch(): void {
    if (!this.closed) this.wire.setKeepAlive(true, WATCH_AFTER);
  }

  end(how: Ending): void {
    if (this.closed) return;
    switch (how) {
      case "finish":
        this.wire.shutdown();
        break;
      case "close":
      case "gone":
        this.wire.end();
        break;
      case "truncate":
        this.truncate();
        break;
      case "reset":
        this.wire.terminate();
        break;
      case "abort":
        this.abort(Infinity, this.clock.now());
        break;
    }
  }

  /** Bun ends TLS whatever it is asked to do: its socket is to know nothing. */
  private truncate(): void {
    if (!shutdownSending(this.wire.fd)) this.wire.shutdown();
  }

  /** An RST drops what the kernel has not got through yet: wait for that. */
  private abort(before: number, since: number): void {
    if (this.closed) return;
    const { wire, clock } = this;
    const left = unsentBytes(wire.fd);
    const now = clock.now();
    const start = left !== undefined && left < before ? now : since;
    const patience = left === undefined ? BLIND_WAIT : PATIENCE;
    if (left === 0 || now - start >= patience) {
      wire.terminate();
    } else {
      clock.at(now + LOOK_EVERY, () => this.abort(left ?? before, start));
    }
  }
}
