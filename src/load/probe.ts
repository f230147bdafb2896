import { once } from "node:events";

import type { ErrorCode } from "../errors/codes.ts";
import { type Endpoint, formatEndpoint } from "../address/endpoint.ts";
import { failure, Reason, SounderError } from "../errors/errors.ts";
import { dialler } from "../socket/dial/dial.ts";
import { firstOf } from "../socket/dial/head-start.ts";
import { resolve } from "../socket/resolve.ts";
import type { Wire, WireHandlers } from "../socket/wire.ts";
import { formatDuration } from "../units.ts";
import type { LoadOptions } from "./options.ts";
import { Question } from "./question.ts";
import { Waiting } from "./waiting.ts";
import type { ReplyKind } from "../protocol/reply.ts";

/** What of a run a probe has to know. */
type Probing = Pick<
  LoadOptions,
  | "target"
  | "approach"
  | "reply"
  | "size"
  | "seed"
  | "connectTimeout"
  | "timeout"
>;

interface Probed {
  /** The first of the name's addresses that can be connected to. */
  address: Endpoint;
  reply: ReplyKind;
}

/** One that is there, and may be asked. */
interface Opened {
  address: Endpoint;
  wire: Wire;
  answered: Promise<ReplyKind>;
}

/**
 * Finds out where to connect to and, if asked, what the server answers: one
 * connection, one message.
 *
 * @param stop ends it early
 * @throws SounderError that names the target and why it can't be measured;
 *   `EINTR` if it was stopped
 */
export async function probe(
  options: Probing,
  stop: AbortSignal = new AbortController().signal,
): Promise<Probed> {
  const action = `cannot connect to ${formatEndpoint(options.target)}`;
  if (stop.aborted) throw failure(action, new Reason("EINTR"));
  const stopped = once(stop, "abort").then(() => {
    throw new Reason("EINTR");
  });
  const prober = new Prober(options);
  try {
    return await Promise.race([prober.probe(), stopped]);
  } catch (error) {
    throw error instanceof SounderError ? error : failure(action, error);
  } finally {
    prober[Symbol.dispose]();
  }
}

class Prober implements Disposable {
  private readonly question: Question | undefined;
  private readonly over = new AbortController();
  /** Each closes a socket, unless it is the one that was taken. */
  private readonly abandons: (() => void)[] = [];
  private taken: Opened | undefined;

  constructor(private readonly options: Probing) {
    const { reply, size, seed } = options;
    if (reply === "auto") this.question = new Question(size, seed);
  }

  async probe(): Promise<Probed> {
    const { target, reply, connectTimeout, timeout } = this.options;
    const opening = resolve(target).then((addresses) =>
      firstOf(addresses, (address) => this.open(address)),
    );
    const { address, wire, answered } = await this.within(
      opening,
      connectTimeout,
      () =>
        new Reason(
          "ETIMEDOUT",
          `no answer within ${formatDuration(connectTimeout)}`,
        ),
    );
    if (reply !== "auto") return { address, reply };
    this.question!.write(wire);
    const why = "it does not answer; see --reply";
    return {
      address,
      reply: await this.within(answered, timeout, () =>
        noEcho(address, why, "ETIMEDOUT"),
      ),
    };
  }

  /** Rejects with `late()` where it takes longer, as far as we were awake. */
  private async within<T>(
    work: Promise<T>,
    patience: number,
    late: () => Error,
  ): Promise<T> {
    let done = false;
    const { signal } = this.over;
    const waiting = new Waiting({ stop: signal, cut: signal });
    const waited = waiting
      .for(() => done, patience)
      .then(() => {
        throw late();
      });
    return Promise.race([work.finally(() => (done = true)), waited]);
  }

  /** Resolves when it is open; only the first to be so stays. */
  private open(address: Endpoint): Promise<Opened> {
    const { target, approach } = this.options;
    const opened = Promise.withResolvers<Opened>();
    const answered = Promise.withResolvers<ReplyKind>();
    answered.promise.catch(() => {});
    let taken = false;
    const fail = (error: Error) => {
      opened.reject(error);
      answered.reject(error);
    };
    const refuse = (why: string, code: ErrorCode) =>
      fail(noEcho(address, why, code));
    const handlers: WireHandlers<undefined> = {
      open: (wire) => {
        if (this.taken !== undefined || this.over.signal.aborted) {
          wire.terminate();
          return;
        }
        taken = true;
        this.taken = { address, wire, answered: answered.promise };
        opened.resolve(this.taken);
      },
      data: (_, chunk) => {
        const kind = this.question?.hear(chunk);
        if (kind === "other") refuse(this.question!.told, "EMISMATCH");
        else if (kind !== undefined) answered.resolve(kind);
      },
      writable: (wire) => this.question?.write(wire),
      end: (_, truncated = false) =>
        truncated
          ? fail(new Reason("ETRUNCATED"))
          : refuse("it finished without an answer", "EEARLY"),
      close(_, error) {
        if (error) fail(error);
        else refuse("it closed without an answer", "EEARLY");
      },
      error: (_, error) => fail(error),
    };
    dialler(target, approach, handlers, (_, error) => fail(error))
      .dial(address, undefined)
      .then((socket) => {
        // A TLS handshake may never end.
        const abandon = () => {
          if (!taken) socket.terminate();
        };
        if (this.over.signal.aborted) abandon();
        else this.abandons.push(abandon);
      }, fail);
    return opened.promise;
  }

  /** Closes what is open, and gives up what is not. */
  [Symbol.dispose](): void {
    this.over.abort();
    this.taken?.wire.end();
    for (const abandon of this.abandons) abandon();
  }
}

function noEcho(address: Endpoint, why: string, code: ErrorCode): SounderError {
  const name = formatEndpoint(address);
  return new SounderError(`${name} does not echo: ${why}`, code);
}
