import { codeOf, SounderError } from "../socket/errors.ts";
import { plural } from "../units.ts";
import type { Connection } from "./connection.ts";
import { SilenceWatch } from "./silence.ts";
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
 * silent for too long (`ETIMEDOUT`) or reset the connection (`ECONNRESET`)
 */
export async function exchange(
  connection: Connection,
  source: Source,
  sink: Sink,
  options: ExchangeOptions = {},
): Promise<void> {
  const { timeout, verifier } = options;
  let sourceEnded = false;
  using silence = new SilenceWatch(connection, timeout);

  async function send(): Promise<void> {
    for (;;) {
      const chunk = await source();
      if (chunk === undefined) break;
      await verifier?.sending(chunk);
      silence.sending();
      await connection.write(chunk);
    }
    sourceEnded = true;
    silence.finishing();
    connection.finish();
  }

  async function receive(): Promise<void> {
    for (;;) {
      const chunk = await connection.read();
      if (chunk === undefined) break;
      silence.heard();
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
    connection.reset();
    if (codeOf(error) !== "ECONNRESET") throw error;
    throw shortfall(
      connection,
      "the server reset the connection",
      "ECONNRESET",
    );
  }
  if (!sourceEnded) {
    connection.reset();
    throw shortfall(connection, "the server finished early", "EEARLY");
  }
  verifier?.finished();
  if (connection.bytesReceived < connection.bytesSent) {
    throw shortfall(connection, "the server finished", "EMISSING");
  }
}

function shortfall(
  { bytesReceived, bytesSent }: Connection,
  what: string,
  code: string,
): SounderError {
  return new SounderError(
    `${what} after ${bytesReceived} of ${plural(bytesSent, "byte")} ` +
      `came back (${code})`,
    code,
  );
}
