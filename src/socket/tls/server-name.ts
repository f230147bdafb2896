import { isIP } from "node:net";
import type { PeerCertificate } from "node:tls";

import { codeOf } from "../../errors/errors.ts";

/** A name without its closing dot, an address without its zone. */
function bare(name: string): string {
  return name.replace(/\.$/, "").replace(/%.*$/, "");
}

/**
 * What SNI tells the server of a name: it carries no IP address and no closing
 * dot (RFC 6066, 3). Empty where there is nothing to tell.
 */
export function sniOf(name: string): string {
  return isIP(bare(name)) === 0 ? bare(name) : "";
}

/** Whether a server is trusted, and if not, why. */
export interface Verdict {
  ok: boolean;
  error: Error | null | undefined;
}

/**
 * Bun's verdict, put right where the certificate is to be for an IP address:
 * without SNI, Bun compares it with the address that it connected to, which may
 * be another. Of a chain that is not trusted it says that first.
 */
export function verdictFor(
  name: string,
  verdict: Verdict,
  certificate: object | undefined,
): Verdict {
  const address = bare(name);
  const chained =
    verdict.ok || codeOf(verdict.error) === "ERR_TLS_CERT_ALTNAME_INVALID";
  if (isIP(address) === 0 || !chained || certificate === undefined) {
    return verdict;
  }
  // Loaded here: it takes milliseconds, of every client's start.
  const { checkServerIdentity } = process.getBuiltinModule("node:tls");
  const error = checkServerIdentity(address, certificate as PeerCertificate);
  return { ok: error === undefined, error };
}
