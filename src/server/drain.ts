import type { Peer } from "./peer.ts";

/** How long a connection must be quiet, owed nothing, to be sent our FIN. */
export const QUIET = 1000;
const SWEEP_EVERY = 100;

/**
 * Ends connections without cutting one off in mid-sentence: each is served on
 * until its peer finishes; one that has been quiet for a second and is owed
 * nothing is sent our FIN; what is left at the end is reset.
 *
 * @param open connections, which their own `close` removes
 * @param timeout milliseconds until the rest is reset
 * @returns how many were reset
 */
export async function drain(
  open: ReadonlySet<Peer>,
  timeout: number,
  cut: AbortSignal,
): Promise<number> {
  const deadline = performance.now() + timeout;
  const heard = new Map<Peer, { bytes: number; at: number }>();

  while (open.size > 0 && performance.now() < deadline && !cut.aborted) {
    const now = performance.now();
    for (const peer of open) {
      if (peer.phase !== "open") continue;
      const last = heard.get(peer);
      if (last?.bytes !== peer.bytesIn) {
        heard.set(peer, { bytes: peer.bytesIn, at: now });
      } else if (now - last.at >= QUIET && peer.outbox.pending === 0) {
        peer.phase = "finished";
        peer.cause = "stop";
        peer.wire.shutdown();
      }
    }
    await pause(Math.min(SWEEP_EVERY, deadline - now), cut);
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

function reset(open: ReadonlySet<Peer>): number {
  const left = [...open];
  for (const peer of left) {
    peer.cause = "stop";
    peer.wire.terminate();
  }
  return left.length;
}
