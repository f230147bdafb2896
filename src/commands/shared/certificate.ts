import { X509Certificate } from "node:crypto";

import type { ServerTls } from "../../inbound/layers/tls.ts";
import { readIdentity } from "./identity.ts";
import type { Log } from "./log.ts";
import type { Serving, ServingFlags } from "./serving.ts";

/** Tells of the certificate that is shown, if there is one. */
export function tellCertificate(
  { tls }: Serving,
  { tlsCert }: ServingFlags,
  log: Log,
): void {
  if (tls === undefined) return;
  if (tlsCert === undefined) tellFingerprint(tls, "made for this run", log);
  warnOfDates(tls, log);
}

/** At SIGHUP: new connections get the certificate that the files hold now. */
export function renewCertificate(
  server: Serving,
  flags: ServingFlags,
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

function tellFingerprint({ cert }: ServerTls, what: string, log: Log): void {
  const { fingerprint256 } = new X509Certificate(cert);
  log.note("certificate", `certificate ${what}: SHA-256 ${fingerprint256}`);
}

/** Outside of its dates nobody trusts it, whoever signed it. */
function warnOfDates({ cert }: ServerTls, log: Log): void {
  const { validFrom, validTo } = new X509Certificate(cert);
  const now = Date.now();
  if (now < Date.parse(validFrom)) {
    const message = `the certificate is not valid before ${validFrom}`;
    log.warn("certificate", message);
  } else if (now > Date.parse(validTo)) {
    const message = `the certificate has expired: it was valid until ${validTo}`;
    log.warn("certificate", message);
  }
}
