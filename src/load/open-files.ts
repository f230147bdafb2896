import { SounderError } from "../errors/errors.ts";
import { openFileCount, openFileLimit } from "../kernel/open-files.ts";
import { formatCount, plural } from "../units.ts";
import type { LoadOptions } from "./options.ts";

/** Files that a process opens besides, now and then. */
const RESERVE = 8;
/** Of a process that has just begun, where it can't be told. */
const OPEN_AT_FIRST = 16;

/**
 * Each connection is an open file, and a run that has none left would look like
 * a server that refuses.
 *
 * @param limit of a process; a worker has the same as we
 * @param open how many we have open before it begins
 * @throws SounderError `EMFILE` that tells both numbers
 */
export function checkOpenFiles(
  { connections, workers }: Pick<LoadOptions, "connections" | "workers">,
  limit: number | undefined = openFileLimit(),
  open: number = openFileCount() ?? OPEN_AT_FIRST,
): void {
  if (limit === undefined) return;
  const each = Math.ceil(connections / workers);
  const room = Math.max(limit - open - RESERVE, 0);
  if (each <= room) return;
  const process = workers > 1 ? "each worker" : "this process";
  const enough = Math.ceil(connections / Math.max(room, 1));
  const advice = room > 0 ? `, or spread them over --workers ${enough}` : "";
  throw new SounderError(
    `cannot open ${plural(connections, "connection")}: ${process} may have ` +
      `${plural(limit, "file")} open, which is enough for ${formatCount(room)}; raise ` +
      `\`ulimit -n\`${advice}`,
    "EMFILE",
  );
}
