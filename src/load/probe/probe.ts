import { once } from "node:events";

import type { ErrorCode } from "../../errors/codes.ts";
import { type Endpoint, formatEndpoint } from "../../address/endpoint.ts";
import { failure, Reason, SounderError } from "../../errors/errors.ts";
import { dialler } from "../../socket/dial/dial.ts";
import { firstOf } from "../../socket/dial/head-start.ts";
import { resolve } from "../../socket/resolve.ts";
import type { Wire, WireHandlers } from "../../socket/wire.ts";
import { formatDuration } from "../../units.ts";
import type { LoadOptions } from "../options.ts";
import { Question } from "./question.ts";
import { Waiting } from "../waiting.ts";
import type { ReplyKind } from "../../protocol/reply.ts";

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
  /** Whether it has been ended. */
  ended: boolean;
}

/** How long no answer comes before it may be that a line's end is awaited. */
const QUIET = 1000;
/** How long the rest of an answer may take when most of it is there. */
const REST = 50;

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
  const name = formatEndpoint(options.target);
  const action = `cannot connect to ${name}`;
  if (stop.aborted) throw failure(action, new Reason("EINTR"));
  const stopped = once(stop, "abort").then(() => {
    throw new Reason("EINTR");
  });
  const prober = new Prober(options);
  try {
    return await Promise.race([prober.probe(), stopped]);
  } catch (error) {
    if (error instanceof SounderError) throw error;
    throw failure(
      prober.isAsking ? `cannot tell what ${name} answers` : action,
      error,
    );
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
    const { target, reply, connectTimeout } = this.options;
    const opening = resolve(target).then((addresses) =>
      firstOf(addresses, (address) => this.open(address)),
    );
    const opened = await this.within(
      opening,
      connectTimeout,
      () =>
        new Reason(
          "ETIMEDOUT",
          `no answer within ${formatDuration(connectTimeout)}`,
        ),
    );
    const { address } = opened;
    if (reply !== "auto") return { address, reply };
    return { address, reply: await this.ask(this.question!, opened) };
  }

  /** Whether it is connected. */
  get isAsking(): boolean {
    return this.taken !== undefined;
  }

  private async ask(question: Question, opened: Opened): Promise<ReplyKind> {
    const { address, wire, answered } = opened;
    const { timeout, size } = this.options;
    const quiet = Math.min(QUIET, timeout / 5);
    question.write(wire);
    let settled = false;
    const settle = () => (settled = true);
    answered.then(settle, settle);
    await this.waiting().for(() => settled, quiet);
    if (settled) return answered;
    question.endLine(wire);
    const ended = performance.now();
    const late = () =>
      noEcho(address, "it does not answer; see --reply", "ETIMEDOUT");
    const reply = await this.within(answered, timeout - quiet, late);
    const took = performance.now() - ended;
    // One that is slow would have answered without the line's end, too.
    if (took > quiet) return reply;
    await this.waiting().for(() => question.heard >= size, timeout);
    await this.waiting().for(() => false, REST);
    const { heard } = question;
    question.repeat(wire);
    const answers = () => opened.ended || question.heard > heard;
    await this.waiting().for(answers, 2 * Math.max(quiet, took));
    if (answers()) return reply;
    throw noEcho(address, LINES, "ELINES");
  }

  private waiting(): Waiting {
    const { signal } = this.over;
    return new Waiting({ stop: signal, cut: signal });
  }

  /** Rejects with `late()` where it takes longer, as far as we were awake. */
  private async within<T>(
    work: Promise<T>,
    patience: number,
    late: () => Error,
  ): Promise<T> {
    let done = false;
    const waited = this.waiting()
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
      if (taken) this.taken!.ended = true;
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
        this.taken = {
          address,
          wire,
          answered: answered.promise,
          ended: false,
        };
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

/** Why a server can't be measured that answers lines, and what to do. */
const LINES =
  "it answers only once a line ends, and messages are no lines: let it send " +
  "bytes back as they come, or try it all the same with --reply raw or stamp";

function noEcho(address: Endpoint, why: string, code: ErrorCode): SounderError {
  const name = formatEndpoint(address);
  return new SounderError(`${name} does not echo: ${why}`, code);
}
