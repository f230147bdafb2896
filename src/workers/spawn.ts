import { asSounderError, failure, SounderError } from "../errors/errors.ts";
import {
  FROM_ANY_WORKER,
  type FromAnyWorker,
  type FromWorker,
  isFromAny,
  type Protocol,
  read,
  type ToWorker,
} from "./messages.ts";
import { program } from "./program.ts";

/** A process of our own kind, told what to do by messages. */
export interface WorkerProcess<P extends Protocol> extends Disposable {
  send(message: ToWorker<P>): void;
  /** @param why what `died` is to tell, unless it has failed before */
  kill(why?: SounderError): void;
  /**
   * Rejects when it is gone: with what it failed with, why it was killed, how
   * it ended, or why it could not be started.
   */
  readonly died: Promise<never>;
}

/** Who hears what a worker tells. */
export interface WorkerListener<P extends Protocol> {
  /** It hears what it is sent from now on. */
  onUp(): void;
  onMessage(message: FromWorker<P>): void;
}

/**
 * Starts this program again, as a worker. It ends with us: its messages' channel
 * closes. One that fails, or can't be understood, is killed. It never throws,
 * since who restarts a worker does so in a timer.
 * @param script instead of our own command line
 */
export function spawnWorker<P extends Protocol>(
  { command, fromWorker }: P,
  { onUp, onMessage }: WorkerListener<P>,
  script?: string,
): WorkerProcess<P> {
  const { promise: died, reject } = Promise.withResolvers<never>();
  died.catch(() => {});
  const format = { ...fromWorker, ...FROM_ANY_WORKER };
  let child: Bun.Subprocess | undefined;
  let failed: SounderError | undefined;

  function kill(why?: SounderError): void {
    failed ??= why;
    child?.kill("SIGKILL");
  }
  function hear(raw: unknown): void {
    let message: FromAnyWorker | FromWorker<P>;
    try {
      message = read(format, raw);
    } catch (error) {
      kill(asSounderError(error));
      return;
    }
    if (isFromAny(message)) hearAny(message);
    else onMessage(message);
  }
  function hearAny(message: FromAnyWorker): void {
    if (message.type === "up") onUp();
    else kill(new SounderError(message.summary, message.code));
  }

  try {
    child = Bun.spawn([...program(script), command], {
      stdin: "ignore",
      stdout: "inherit",
      stderr: "inherit",
      serialization: "advanced",
      ipc: hear,
      onExit(_, code, signal) {
        const how = signal === null ? `status ${code}` : `signal ${signal}`;
        const summary = `a worker process ended: ${how}`;
        reject(failed ?? new SounderError(summary, "EWORKER"));
      },
    });
  } catch (error) {
    reject(failure("cannot start a worker process", error));
  }
  return {
    send(message) {
      try {
        child?.send(message);
      } catch {
        // It has ended, or will not listen any more: `died` tells of that.
      }
    },
    kill,
    died,
    [Symbol.dispose]: () => kill(),
  };
}
