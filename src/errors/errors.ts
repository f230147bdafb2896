import { CODES, type ErrorCode, isErrorCode } from "./codes.ts";

/**
 * What went wrong. Its message is one line that begins with the action that
 * failed and ends with the code: `cannot connect to 127.0.0.1:1: nothing
 * listens there (ECONNREFUSED)`.
 */
export class SounderError extends Error {
  override name = "SounderError";

  /** @param summary the message without its code, which is put behind it */
  constructor(
    readonly summary: string,
    readonly code: ErrorCode,
    options?: ErrorOptions,
  ) {
    super(`${summary} (${code})`, options);
  }
}

/** The code of anything thrown, `undefined` where it has none. */
export function codeOf(cause: unknown): string | undefined {
  const code = (cause as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : undefined;
}

/** As codeOf(), but one of ours: `EUNKNOWN` stands for all that we don't know. */
export function errorCodeOf(cause: unknown): ErrorCode {
  const code = codeOf(cause);
  return code !== undefined && isErrorCode(code) ? code : "EUNKNOWN";
}

/** Why something failed, where we know more than the code's own words say. */
export class Reason extends Error {
  constructor(
    readonly code: ErrorCode,
    why: string = CODES[code],
  ) {
    super(why);
  }
}

/** Our own code threw what it should not have. */
export function faultOf(cause: unknown): SounderError {
  const summary = `${CODES.EFAULT}: ${whyOf(cause)}`;
  return new SounderError(summary, "EFAULT", { cause });
}

/** Whatever was thrown as an error with a code: an unknown one is our fault. */
export function asSounderError(error: unknown): SounderError {
  if (error instanceof SounderError) return error;
  const code = errorCodeOf(error);
  if (code === "EUNKNOWN") return faultOf(error);
  return new SounderError(whyOf(error), code, { cause: error });
}

/** What failed, and why: `cause` is what was thrown, or a Reason of ours. */
export function failure(action: string, cause: unknown): SounderError {
  const code = errorCodeOf(cause);
  return new SounderError(`${action}: ${whyOf(cause)}`, code, { cause });
}

/** In our words, as far as we have some; otherwise in its own. */
export function whyOf(cause: unknown): string {
  if (cause instanceof SounderError) return cause.summary;
  if (cause instanceof Reason) return cause.message;
  const code = errorCodeOf(cause);
  if (code !== "EUNKNOWN") return CODES[code];
  const words = cause instanceof Error ? cause.message : String(cause);
  const theirs = codeOf(cause);
  if (theirs === undefined || words.includes(theirs)) return words;
  return words === "" ? theirs : `${words}, ${theirs}`;
}

/** Does it, and tells how it failed: at once, or as a promise. */
export function attempt(
  act: () => unknown,
  failed: (error: unknown) => void,
): void {
  try {
    const result = act();
    if (result instanceof Promise) result.catch(failed);
  } catch (error) {
    failed(error);
  }
}
