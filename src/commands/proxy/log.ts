import { type Endpoint, formatEndpoint } from "../../address/endpoint.ts";
import type { FaultEvent } from "../../faults/link.ts";
import type { ProxyEnded } from "../../proxy/hooks.ts";
import { SounderError } from "../../errors/errors.ts";
import { formatBytes, formatDuration, plural } from "../../units.ts";
import { describe, type Log } from "../shared/log.ts";
import type { ConnectionLog } from "../shared/news.ts";

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

export function tellFaults(faults: readonly string[]): string {
  return faults.length === 0 ? "no faults" : `faults: ${faults.join("; ")}`;
}

/** Faults of a second that are told one by one. */
const TOLD_MOST = 1000;
/** Milliseconds. */
const PERIOD = 1000;

/** Tells of faults that act, and sums what would flood the log. */
export class FaultNews {
  private count = 0;
  private timer: Timer | undefined;

  constructor(private readonly log: Log) {}

  acted({ id, fault, offset }: FaultEvent): void {
    this.count += 1;
    this.timer ??= setTimeout(() => this.end(), PERIOD);
    if (this.count > TOLD_MOST) return;
    const message = `#${id} ${fault}: acts at byte ${offset}`;
    this.log.note("fault", message, { id, fault, offset });
  }

  /** Ends the period, if there is one. */
  end(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const more = this.count - TOLD_MOST;
    this.count = 0;
    if (more <= 0) return;
    const message = `faults acted ${plural(more, "more time")}; not told one by one`;
    this.log.warn("faults-summed", message, { count: more });
  }
}
