import { openFileLimit } from "../../kernel/open-files.ts";
import { plural } from "../../units.ts";
import type { Log } from "./log.ts";

/**
 * Warns where --max-connections can't be met for lack of file descriptors.
 * @param most connections that one process has descriptors for
 */
export function warnOfOpenFiles(
  log: Log,
  maxConnections: number | undefined,
  most: number,
  workers = 1,
): void {
  const limit = openFileLimit();
  if (limit === undefined || maxConnections === undefined) return;
  if (Math.ceil(maxConnections / workers) <= most) return;
  const who = workers === 1 ? "this process" : `each of ${workers} workers`;
  const message =
    `--max-connections ${maxConnections} can't be met: ${who} may have ` +
    `${plural(limit, "file")} open, which is enough for ` +
    `${plural(most * workers, "connection")}; raise \`ulimit -n\``;
  log.warn("open-files", message, { limit, connections: most * workers });
}
