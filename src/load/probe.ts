import { type Endpoint, formatEndpoint } from "../socket/endpoint.ts";
import { failure, Reason, SounderError } from "../socket/errors.ts";
import type { ErrorCode } from "../socket/codes.ts";
import { type Approach, dialler } from "../socket/dial.ts";
import { resolve } from "../socket/resolve.ts";
import type { Wire, WireHandlers } from "../socket/wire.ts";
import { formatDuration } from "../units.ts";
import { whenAborted } from "./stop.ts";

/** No line of a protocol, and without the bracket that opens a stamp. */
const QUESTION = "sounder probe 0123456789";

/** How an alert of TLS begins: its kind, and a version. */
const TLS_ALERT = "\u0015\u0003";

/** Bytes of a wrong answer that are shown. */
const SHOWN = 40;

/** A stamp, or as much of one as is here. */
const STAMP = /\[.{0,26}/gs;

export interface Timeouts {
  connect: number;
  answer: number;
}

export interface Probed {
  /** The first of the name's addresses that answers. */
  address: Endpoint;
  reply: "raw" | "stamp";
}

/**
 * Finds out where to connect to and, if asked, what the server answers: one
 * connection, one question.
 *
 * @param reply "auto" asks the server; otherwise only a connection is made
 * @param timeouts milliseconds for the connection, and for the answer
 * @param stop ends it early
 * @throws SounderError that names the target and why it can't be measured;
 *   `EINTR` if it was stopped
 */
export async function probe(
  target: Endpoint,
  reply: "auto" | "raw" | "stamp",
  timeouts: Timeouts,
  approach: Approach = {},
  stop: AbortSignal = new AbortController().signal,
): Promise<Probed> {
  let failed: unknown;
  const action = `cannot connect to ${formatEndpoint(target)}`;
  const stopped = whenAborted(stop).then(() => {
    throw failure(action, new Reason("EINTR"));
  });
  const addresses = await Promise.race([resolve(target), stopped]).catch(
    (error) => {
      throw error instanceof SounderError ? error : failure(action, error);
    },
  );
  for (const address of addresses) {
    try {
      const via = { target, address, approach };
      return { address, reply: await ask(via, reply, timeouts, stopped) };
    } catch (error) {
      if (error instanceof SounderError) throw error;
      failed = error;
    }
  }
  throw failure(action, failed);
}

/** Undefined while the answer may still become either. */
function kindOf(answer: string): "raw" | "stamp" | "other" | undefined {
  const bare = answer.replace(STAMP, "");
  if (!QUESTION.startsWith(bare.slice(0, QUESTION.length))) return "other";
  if (bare.length < QUESTION.length) return undefined;
  return answer.startsWith("[") ? "stamp" : "raw";
}

/** What a wrong answer is, to a person. */
function toldOf(answer: string): string {
  if (answer.startsWith(TLS_ALERT)) return "it speaks TLS, and wants tls://";
  const more = answer.length > SHOWN ? "…" : "";
  // JSON leaves control characters from 0x7f on as they are.
  const shown = JSON.stringify(answer.slice(0, SHOWN)).replace(
    /[\x7f-\xff]/g,
    (byte) => `\\u00${byte.charCodeAt(0).toString(16)}`,
  );
  return `it answered ${shown}${more}`;
}

async function ask(
  {
    target,
    address,
    approach,
  }: Record<"target" | "address", Endpoint> & {
    approach: Approach;
  },
  reply: "auto" | "raw" | "stamp",
  timeouts: Timeouts,
  stopped: Promise<never>,
): Promise<"raw" | "stamp"> {
  const answered = Promise.withResolvers<"raw" | "stamp">();
  const name = formatEndpoint(address);
  const noEcho = (why: string, code: ErrorCode) =>
    answered.reject(new SounderError(`${name} does not echo: ${why}`, code));
  let over = false;
  let opened: Wire | undefined;
  let dialled: Pick<Wire, "terminate"> | undefined;
  let answer = "";
  const within = `no answer within ${formatDuration(timeouts.connect)}`;
  let timer = setTimeout(
    () => answered.reject(new Reason("ETIMEDOUT", within)),
    timeouts.connect,
  );

  const handlers: WireHandlers<undefined> = {
    open(wire) {
      if (over) {
        wire.terminate();
        return;
      }
      opened = wire;
      if (reply !== "auto") {
        answered.resolve(reply);
        return;
      }
      clearTimeout(timer);
      timer = setTimeout(
        () => noEcho("it does not answer; see --reply", "ETIMEDOUT"),
        timeouts.answer,
      );
      wire.write(Buffer.from(QUESTION));
    },
    data(_, chunk) {
      answer += chunk.toString("latin1");
      const kind = kindOf(answer);
      if (kind === "other") noEcho(toldOf(answer), "EMISMATCH");
      else if (kind !== undefined) answered.resolve(kind);
    },
    drain() {},
    end: () => noEcho("it finished without an answer", "EEARLY"),
    close(_, error) {
      if (error) answered.reject(error);
      else noEcho("it closed without an answer", "EEARLY");
    },
    error: (_, error) => answered.reject(error),
  };
  try {
    const failed = (_: Wire, error: Error) => answered.reject(error);
    dialler(target, approach, handlers, failed)
      .dial(address, undefined)
      .then((socket) => {
        if (over) socket.terminate();
        else dialled = socket;
      }, answered.reject);
    return await Promise.race([answered.promise, stopped]);
  } finally {
    over = true;
    clearTimeout(timer);
    if (opened === undefined) dialled?.terminate();
    else opened.end();
  }
}
