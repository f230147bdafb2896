import type { ErrorCode } from "../../errors/codes.ts";
import type { SounderError } from "../../errors/errors.ts";

/** What to try on the command line. */
const ADVICE: Partial<Record<ErrorCode, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: "give --tls-ca or --tls-fingerprint",
  ECLIENTCERT: "give --tls-cert",
  ERR_TLS_CERT_ALTNAME_INVALID: "see --tls-server-name",
  HOSTNAME_MISMATCH: "see --tls-server-name",
  SELF_SIGNED_CERT_IN_CHAIN: "give --tls-ca",
  UNABLE_TO_GET_ISSUER_CERT: "give --tls-ca",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "give --tls-ca",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "give --tls-ca",
};

/** An error's message, with advice before its code where we have some. */
export function advised({ summary, code, message }: SounderError): string {
  const advice = ADVICE[code];
  return advice === undefined ? message : `${summary}: ${advice} (${code})`;
}
