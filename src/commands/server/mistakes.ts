import { formatEndpoint, type Listenable } from "../../address/endpoint.ts";
import { formatCount, plural } from "../../units.ts";
import { parseFaults } from "../../protocol/faults/list.ts";
import { mistake } from "../shared/mistake.ts";
import {
  inAdmin,
  inFaults,
  inProxyProtocol,
  inTls,
} from "../shared/inbound-mistakes.ts";
import type { ServerFlags } from "./flags.ts";

/**
 * Sees that a server's flags go together; each is right by itself.
 * @param places where it is to listen
 * @throws CommanderError
 */
export function checkFlags(
  places: readonly Listenable[],
  flags: ServerFlags,
): void {
  const wrong =
    inFaults(places, flags) ??
    inTls(places, flags) ??
    inProxyProtocol(places, flags) ??
    inWorkers(places, flags) ??
    inAdmin(flags);
  if (wrong !== undefined) throw mistake(wrong);
}

/** Whether several processes can listen there. */
function canBeShared(place: Listenable): boolean {
  switch (place.kind) {
    case "tcp":
    case "tls":
      return true;
    case "unix":
    case "fd":
      return false;
  }
}

function inWorkers(
  places: readonly Listenable[],
  flags: ServerFlags,
): string | undefined {
  const { workers, maxConnections, maxPending, fault = [] } = flags;
  if (workers === 1) return undefined;
  const traced = (["trace", "trace-json", "diagram"] as const).find(
    (name) => flags[name === "trace-json" ? "traceJson" : name] !== undefined,
  );
  if (traced !== undefined) {
    return `--${traced} can't be combined with --workers`;
  }
  if (parseFaults(fault).some(({ action }) => action === "backlog-full")) {
    return "backlog-full can't be combined with --workers: none would serve";
  }
  const unshared = places.find((place) => !canBeShared(place));
  if (unshared !== undefined) {
    const name = formatEndpoint(unshared);
    return `--workers can't share ${name}: only TCP ports can be shared`;
  }
  const limits = {
    "--max-connections": maxConnections,
    "--max-pending": maxPending,
  };
  for (const [flag, limit] of Object.entries(limits)) {
    if (limit !== undefined && limit < workers) {
      return `${flag} ${formatCount(limit)} is too little for ${plural(workers, "worker")}`;
    }
  }
  return undefined;
}
