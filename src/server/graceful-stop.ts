import type { Peer } from "./peer.ts";

const SWEEP_EVERY = 100;

/**
 * A connection that was quiet and owed nothing at so many sweeps is sent our
 * FIN: a second. It is not measured by the clock, since a process that stood
 * still for a second has not read what came meanwhile.
 */
const QUIET_SWEEPS = 10;

/**
 * Ends connections without cutting one off in mid-sentence: each is served on
 * until its peer finishes; one that has been quiet for a second and is owed
 * nothing is sent our FIN; what is left at the end is reset.
 *
 * @param open connections, which their own `close` removes
 * @param timeout milliseconds until the rest is reset
 * @param onTheWay how many may still open: accepted, but not yet through their
 * PROXY header or handshake
 * @returns how many were reset
 */
export async function drain(
  open: ReadonlySet<Peer>,
  timeout: number,
  cut: AbortSignal,
  onTheWay: () => number = () => 0,
): Promise<number> {
  const deadline = performance.now() + timeout;
  const quiet = new Map<Peer, { bytes: number; sweeps: number }>();

  const over = () => performance.now() >= deadline || cut.aborted;

  while (open.size + onTheWay() > 0 && !over()) {
    for (const peer of open) {
      if (peer.phase !== "open") continue;
      const last = quiet.get(peer);
      // While its socket is paused, more may wait there.
      if (last?.bytes !== peer.bytesIn || peer.isPaused) {
        quiet.set(peer, { bytes: peer.bytesIn, sweeps: 0 });
      } else if (++last.sweeps >= QUIET_SWEEPS) {
        peer.phase = "finished";
        peer.cause = "stop";
        peer.wire.shutdown();
      }
    }
    const left = Math.max(deadline - performance.now(), 0);
    await pause(Math.min(SWEEP_EVERY, left), cut);
  }
  return reset(open);
}

function pause(ms: number, cut: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      cut.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    cut.addEventListener("abort", done);
  });
}

/** Resets every connection. @returns how many there were */
export function reset(open: ReadonlySet<Peer>): number {
  const left = [...open];
  for (const peer of left) {
    peer.cause = "stop";
    peer.wire.terminate();
  }
  return left.length;
}
