import { setTimeout as sleep } from "node:timers/promises";

import type { Session } from "./session.ts";

const SWEEP_EVERY = 100;

/**
 * A connection that was quiet and owed nothing at so many sweeps is sent our
 * FIN: a second. It is not measured by the clock, since a process that stood
 * still for a second has not read what came meanwhile.
 */
const QUIET_SWEEPS = 10;

export interface GracefulStopOptions {
  /** Milliseconds that it takes at most. */
  timeout: number;
  /** Ends it early. */
  cut: AbortSignal;
  /** How many were accepted, and await their PROXY header or handshake. */
  pendingHandshakes(): number;
}

/**
 * Ends connections without cutting one off in mid-sentence: each is served on
 * until its peer finishes; one that has been quiet for a second and is owed
 * nothing is sent our FIN. Resolves when none is open, or time is up.
 *
 * @param open connections, which their own `close` removes
 */
export async function gracefulStop(
  open: ReadonlySet<Session>,
  { timeout, cut, pendingHandshakes }: GracefulStopOptions,
): Promise<void> {
  const deadline = performance.now() + timeout;
  const quiet = new QuietPeers();

  while (open.size + pendingHandshakes() > 0 && !cut.aborted) {
    const left = deadline - performance.now();
    if (left <= 0) return;
    quiet.sweep(open);
    const pause = Math.min(SWEEP_EVERY, left);
    // It is rejected when it is cut short.
    await sleep(pause, undefined, { signal: cut }).catch(() => {});
  }
}

/** Finishes those of whom nothing is to be expected any more. */
class QuietPeers {
  private readonly heard = new Map<
    Session,
    { bytes: number; sweeps: number }
  >();

  sweep(open: ReadonlySet<Session>): void {
    for (const peer of open) {
      if (peer.phase !== "open") continue;
      const last = this.heard.get(peer);
      const bytes = peer.bytesIn + peer.bytesOut;
      // While its socket is paused, more may wait there.
      if (last?.bytes !== bytes || peer.isPaused) {
        this.heard.set(peer, { bytes, sweeps: 0 });
      } else if (++last.sweeps >= QUIET_SWEEPS) {
        peer.finish("stop");
      }
    }
  }
}
