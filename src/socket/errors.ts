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
  EACCES: "permission denied",
  EADDRINUSE: "the address is in use",
  EADDRNOTAVAIL: "this machine has no such address",
  EAFNOSUPPORT: "this machine has no such address family",
  ECONNREFUSED: "nothing listens there",
  ECONNRESET: "the peer reset the connection",
  EHOSTUNREACH: "no route to the host",
  EMFILE: "this process has too many files open",
  ENETUNREACH: "no route to the network",
  ENOENT: "no such file",
  EAI_AGAIN: "the name server does not answer",
  ENOTFOUND: "the name is not known",
  EPIPE: "the reader closed it",
  ETIMEDOUT: "no answer in time",
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
