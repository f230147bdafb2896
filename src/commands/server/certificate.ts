import type { ServerTls } from "../../inbound/layers/tls.ts";
import { fingerprintOf, readIdentity, untimely } from "../shared/identity.ts";
import type { ServerFlags } from "./flags.ts";
import type { Log } from "./log.ts";
import type { Serving } from "./start.ts";

/** Tells of the certificate that is shown, if there is one. */
export function tellCertificate(
  { tls }: Serving,
  { tlsCert }: ServerFlags,
  log: Log,
): void {
  if (tls === undefined) return;
  if (tlsCert === undefined) tellFingerprint(tls, "made for this run", log);
  warnOfDates(tls, log);
}

/** At SIGHUP: new connections get the certificate that the files hold now. */
export function renewCertificate(
  server: Serving,
  flags: ServerFlags,
  log: Log,
): void {
  try {
    const tls = readIdentity(flags);
    if (tls === undefined) return;
    server.useTls(tls);
    tellFingerprint(tls, "read again", log);
    warnOfDates(tls, log);
  } catch (error) {
    log.warn("certificate", `${(error as Error).message}; the old one stays`);
  }
}

function tellFingerprint(tls: ServerTls, what: string, log: Log): void {
  const message = `certificate ${what}: SHA-256 ${fingerprintOf(tls)}`;
  log.note("certificate", message);
}

function warnOfDates(tls: ServerTls, log: Log): void {
  const warning = untimely(tls);
  if (warning !== undefined) log.warn("certificate", warning);
}
