import { isatty } from "node:tty";

import { connect } from "../../client/connect.ts";
import type { Approach } from "../../socket/dial/dial.ts";
import type { Endpoint } from "../../address/endpoint.ts";
import { SounderError } from "../../errors/errors.ts";
import type { Connection } from "../../client/connection.ts";
import type { Tracer } from "../../socket/trace/tracer.ts";
import { serversSide } from "../shared/server-side.ts";
import { tracePictures } from "../shared/pictures.ts";
import { aborted, catchSignals } from "../shared/signals.ts";
import { say } from "../shared/say.ts";
import type { ClientFlags } from "./flags.ts";
import { stream } from "./stream.ts";

/** How long a trace waits for a connection's end, in milliseconds. */
const CLOSED_WITHIN = 500;

/** Connects, and lets a person or a stream speak. @returns the exit status */
export async function talk(
  endpoint: Endpoint | undefined,
  approach: Approach,
  flags: ClientFlags,
): Promise<number> {
  let tell = say;
  const pictures = tracePictures("client", flags, (line) => tell(line));
  const signals = pictures.tracer && catchSignals(["SIGINT", "SIGTERM"]);
  try {
    const said = converseWith(
      endpoint,
      approach,
      flags,
      pictures.tracer,
      (next) => {
        tell = next;
      },
    );
    // What was seen until Ctrl-C is worth a picture, too.
    const stopped =
      signals && aborted(signals.stop).then(() => signals.status!);
    return await (stopped === undefined ? said : Promise.race([said, stopped]));
  } finally {
    signals?.release();
    await pictures.finish(
      flags.bothSides
        ? (local) => serversSide(endpoint, approach, local)
        : undefined,
    );
  }
}

async function converseWith(
  endpoint: Endpoint | undefined,
  approach: Approach,
  flags: ClientFlags,
  trace: Tracer | undefined,
  prompted: (tellAbove: (line: string) => void) => void,
): Promise<number> {
  const connection = await connect(endpoint, {
    ...approach,
    timeout: flags.connectTimeout,
    retryFor: flags.retryFor,
    trace,
  });
  if (trace === undefined) return speak(connection, approach, flags, prompted);
  try {
    return await speak(connection, approach, flags, prompted);
  } finally {
    // The last steps are told when it is gone.
    await Promise.race([connection.closed, Bun.sleep(CLOSED_WITHIN)]);
  }
}

async function speak(
  connection: Connection,
  approach: Approach,
  flags: ClientFlags,
  prompted: (tellAbove: (line: string) => void) => void,
): Promise<number> {
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
  return converse(connection, { ...flags, prompted });
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
