/**
 * What went wrong, in one line that begins with the action that failed. `code`
 * is stable: the operating system's name where there is one (`ECONNREFUSED`,
 * `EADDRINUSE`, …), otherwise one of ours.
 */
export class SounderError extends Error {
  override name = "SounderError";

  constructor(
    message: string,
    readonly code: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

const REASONS: Record<string, string> = {
  CERT_HAS_EXPIRED: "its certificate has expired",
  CERT_NOT_YET_VALID: "its certificate is not valid yet",
  DEPTH_ZERO_SELF_SIGNED_CERT:
    "its certificate is self-signed: give --tls-ca or --tls-fingerprint",
  EACCES: "permission denied",
  EADDRINUSE: "the address is in use",
  EADDRNOTAVAIL: "this machine has no such address",
  EAFNOSUPPORT: "this machine has no such address family",
  // Bun tells EHOSTUNREACH and ENETUNREACH as this, too.
  ECONNREFUSED: "nothing listens there, or no route leads there",
  ECONNRESET: "the peer reset the connection",
  ECLIENTCERT: "it wants a certificate of ours that it trusts: --tls-cert",
  EINTR: "it was interrupted",
  EISDIR: "it is a directory",
  EHOSTUNREACH: "no route to the host",
  EMFILE: "this process has too many files open",
  ENETUNREACH: "no route to the network",
  ENOENT: "no such file",
  EAI_AGAIN: "the name server does not answer",
  ENOSPC: "no space is left",
  ENOTFOUND: "the name is not known",
  EPIPE: "the reader closed it",
  EPROTO: "it does not speak TLS, or not the same kind",
  ERR_TLS_CERT_ALTNAME_INVALID:
    "its certificate is for another name: see --tls-server-name",
  ETIMEDOUT: "no answer in time",
  SELF_SIGNED_CERT_IN_CHAIN:
    "an authority that is not trusted signed its certificate: give --tls-ca",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    "an unknown authority signed its certificate: give --tls-ca",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    "an unknown authority signed its certificate: give --tls-ca",
};

/** The code of anything thrown, `undefined` where it has none. */
export function codeOf(cause: unknown): string | undefined {
  const code = (cause as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : undefined;
}

/** `cannot connect to 127.0.0.1:1: nothing listens there (ECONNREFUSED)`. */
export function failure(action: string, cause: unknown): SounderError {
  const code = codeOf(cause) ?? "EUNKNOWN";
  const reason =
    REASONS[code] ?? (cause instanceof Error ? cause.message : String(cause));
  return new SounderError(`${action}: ${reason} (${code})`, code, { cause });
}
