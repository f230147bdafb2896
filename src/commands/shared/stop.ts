import { setTimeout as sleep } from "node:timers/promises";

import { formatDuration } from "../../units.ts";
import { aborted } from "./signals.ts";
import type { Log } from "./log.ts";
import type { Serving, ServingFlags } from "./serving.ts";

type StopFlags = Pick<ServingFlags, "drainDelay" | "drainTimeout">;

/**
 * Stops as the flags say: first so long not ready that nobody comes any more,
 * then not before the peers are served to their end.
 * @param cut ends all that waiting
 * @returns how many connections were reset
 */
export function stop(
  server: Serving,
  flags: StopFlags,
  log: Log,
  cut: AbortSignal,
): Promise<number> {
  const atOnce = aborted(cut).then(() => server.stop({ drainTimeout: 0 }));
  return Promise.race([gracefully(server, flags, log, cut), atOnce]);
}

async function gracefully(
  server: Serving,
  { drainDelay, drainTimeout }: StopFlags,
  log: Log,
  cut: AbortSignal,
): Promise<number> {
  if (drainDelay > 0) {
    const delay = formatDuration(drainDelay);
    log.note("leaving", `not ready; the stop begins in ${delay}`);
    // What cuts it stops the server, too.
    await sleep(drainDelay, undefined, { signal: cut }).catch(() => {});
  }
  const { connections } = await server.snapshot({ search: "", limit: 0 });
  if (!cut.aborted) log.stopping(connections.open);
  return server.stop({ drainTimeout });
}
