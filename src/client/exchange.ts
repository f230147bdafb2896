import type { ErrorCode } from "../errors/codes.ts";
import { codeOf, SounderError } from "../errors/errors.ts";
import type { Connection } from "./connection.ts";
import { SilenceWatch } from "./silence.ts";
import { HALF_CLOSE, progressOf } from "./progress.ts";
import type { Verifier } from "./verifier.ts";

export interface ExchangeOptions {
  /** Milliseconds without a byte, while an answer is due, until it fails. */
  timeout?: number | undefined;
  /** Is shown what is sent and what comes back, and throws when they differ. */
  verifier?: Verifier | undefined;
}

/** The next bytes, or undefined at the end. */
export type Source = () => Promise<Uint8Array | undefined>;

/** Where bytes go to. Its promise holds the rest back until it has room. */
export type Sink = (chunk: Buffer) => void | Promise<void>;

/**
 * Sends all of `source`, then our FIN, while `sink` is given what comes back,
 * until the server has finished.
 *
 * @throws SounderError if the server finished before the source did
 * (`EEARLY`), answered with fewer bytes than it was sent (`EMISSING`), was
 * silent for too long (`ETIMEDOUT`), reset the connection (`ECONNRESET`) or cut
 * its TLS stream off (`ETRUNCATED`)
 */
export async function exchange(
  connection: Connection,
  source: Source,
  sink: Sink,
  options: ExchangeOptions = {},
): Promise<void> {
  const { timeout, verifier } = options;
  using silence = new SilenceWatch(connection, timeout);

  async function send(): Promise<void> {
    for (;;) {
      const chunk = await source();
      if (chunk === undefined) break;
      await verifier?.sending(chunk);
      silence.sending();
      try {
        await connection.write(chunk);
      } catch {
        // receive() meets it too, behind all that had arrived.
        return;
      }
    }
    silence.finishing();
    connection.finish();
  }

  async function receive(): Promise<void> {
    for (;;) {
      const chunk = await silence.read();
      if (chunk === undefined) break;
      verifier?.received(chunk);
      await sink(chunk);
    }
  }

  // Whichever fails first decides; the server's end decides in any case, since
  // standard input may stay open and quiet for ever.
  const failed = Promise.withResolvers<never>();
  send().catch(failed.reject);
  try {
    await Promise.race([receive(), failed.promise, silence.failed]);
  } catch (error) {
    connection.close();
    const code = codeOf(error);
    if (code === "ECONNRESET") {
      throw shortfall(connection, "reset the connection", code);
    }
    if (code === "ETRUNCATED") {
      const what = "cut its TLS stream off, by a FIN without close_notify,";
      throw shortfall(connection, what, code);
    }
    throw error;
  }
  if (connection.finished) verifier?.finished();
  checkEnd(connection);
}

/**
 * Sees that a server that has finished was done.
 * @throws SounderError `EEARLY` if we had not finished, and the connection is
 * closed then; `EMISSING` if it answered with fewer bytes than it was sent
 */
export function checkEnd(connection: Connection): void {
  if (!connection.finished) {
    const error = shortfall(connection, "finished before we did,", "EEARLY");
    connection.close();
    throw error;
  }
  if (connection.bytesReceived < connection.bytesSent) {
    throw shortfall(connection, "answered less than it was sent,", "EMISSING");
  }
}

function shortfall(
  connection: Connection,
  what: string,
  code: ErrorCode,
): SounderError {
  const { bytesReceived, bytesSent, finished, target } = connection;
  const told = `the server at ${target} ${what} ${progressOf(connection)}`;
  const doubtful =
    finished && bytesReceived < bytesSent && code !== "ETRUNCATED";
  const doubt = doubtful ? HALF_CLOSE : "";
  return new SounderError(told + doubt, code);
}
