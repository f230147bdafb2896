import { isatty } from "node:tty";

import { connect } from "../../client/connect.ts";
import type { Approach } from "../../socket/dial/dial.ts";
import type { Endpoint } from "../../address/endpoint.ts";
import { SounderError } from "../../errors/errors.ts";
import { Tracer } from "../../socket/trace/tracer.ts";
import { say } from "../shared/say.ts";
import type { ClientFlags } from "./flags.ts";
import { stream } from "./stream.ts";

/** Connects, and lets a person or a stream speak. @returns the exit status */
export async function talk(
  endpoint: Endpoint | undefined,
  approach: Approach,
  flags: ClientFlags,
): Promise<number> {
  let tell = say;
  const connection = await connect(endpoint, {
    ...approach,
    timeout: flags.connectTimeout,
    retryFor: flags.retryFor,
    ...(flags.trace && { trace: new Tracer("client", (line) => tell(line)) }),
  });
  // Someone types, and can see a prompt.
  const atTerminal = isatty(0) && (isatty(1) || isatty(2));
  if (!atTerminal || flags.verify) {
    try {
      return await stream(connection, flags);
    } catch (error) {
      const shown = approach.tls?.cert !== undefined;
      throw shown && connection.bytesReceived === 0 ? doubted(error) : error;
    }
  }
  const { converse } = await import("./terminal.ts");
  return converse(connection, {
    ...flags,
    prompted: (tellAbove) => (tell = tellAbove),
  });
}

/**
 * In TLS 1.3 a client is through its handshake before the server has seen its
 * certificate, and a server of ours can tell no more than a reset.
 */
function doubted(error: unknown): unknown {
  if (!(error instanceof SounderError) || error.code !== "ECONNRESET") {
    return error;
  }
  const { summary, code } = error;
  const doubt = "it may not trust the certificate of --tls-cert, or no longer";
  return new SounderError(`${summary}: ${doubt}`, code, { cause: error });
}
