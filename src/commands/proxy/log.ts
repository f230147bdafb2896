import { type Endpoint, formatEndpoint } from "../../address/endpoint.ts";
import type { ProxyEnded } from "../../proxy/hooks.ts";
import { SounderError } from "../../errors/errors.ts";
import { formatBytes, formatDuration } from "../../units.ts";
import { describe, type Log } from "../shared/log.ts";
import { tellFaults } from "../shared/fault-log.ts";
import type { ConnectionLog } from "../shared/connection-log.ts";

const CAUSES: Record<ProxyEnded["cause"], string> = {
  "client-FIN": "the client finished first (client-FIN)",
  "target-FIN": "the target finished first (target-FIN)",
  "client-RST": "the client reset it (client-RST)",
  "target-RST": "the target reset it (target-RST)",
  truncated: "one side finished without ending TLS (truncated)",
  unreachable: "reset, as there is no target (unreachable)",
  fault: "a fault ended it (fault)",
  stop: "this proxy stops (stop)",
  idle: "it was idle for too long (idle)",
  lifetime: "it was open for too long (lifetime)",
  pending: "one side did not read what it was owed (pending)",
  error: "our own code failed (error)",
};

type Numbered = Omit<ProxyEnded, "id"> & { id: number | string };

/** A log of connections, as a proxy has them. */
export function proxyLog(log: Log): ConnectionLog<ProxyEnded> {
  return {
    ...log,
    disconnected(ended: Numbered) {
      const { error, lasted, ...fields } = ended;
      const code = error instanceof SounderError ? { code: error.code } : {};
      const ms = Math.round(lasted);
      log.note("closed", sentence(ended), { ...fields, ...code, ms });
    },
  };
}

function sentence(ended: Numbered): string {
  const { id, peer, lasted, bytesIn, bytesOut, dropped, cause, error } = ended;
  const lost = dropped > 0 ? `, ${formatBytes(dropped)} not taken` : "";
  const why = error === undefined ? "" : `: ${error.message}`;
  return (
    `#${id} ${peer} closed after ${formatDuration(lasted)}: ` +
    `${formatBytes(bytesIn)} in, ${formatBytes(bytesOut)} out${lost}; ` +
    CAUSES[cause] +
    why
  );
}

/** Tells where it listens, and where what comes there goes. */
export function tellListening(
  log: Log,
  address: Endpoint,
  target: Endpoint,
  faults: readonly string[],
): void {
  const from = formatEndpoint(address);
  const to = formatEndpoint(target);
  log.note(
    "listening",
    `listening on ${describe(address)}, passing on to ${to}; ` +
      `${tellFaults(faults)}. Ctrl-C stops.`,
    { address: from, target: to, faults: faults.join("; ") },
  );
}
