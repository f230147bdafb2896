import { statSync } from "node:fs";

import { failure, SounderError } from "../errors/errors.ts";

/** A process of our own kind, told what to do by messages. */
export interface WorkerProcess<Order> extends Disposable {
  send(order: Order): void;
  /** Rejects when it ends, however it ends, or could not be started. */
  readonly died: Promise<never>;
}

const RUNNING = "/proc/self/exe";

/**
 * The executable that runs. An upgrade may have put another version, which
 * speaks otherwise, in its place, or have taken it away: Linux still has it.
 */
function executable(): string {
  const { execPath } = process;
  try {
    const running = statSync(RUNNING);
    const named = statSync(execPath, { throwIfNoEntry: false });
    const same = running.ino === named?.ino && running.dev === named.dev;
    return same ? execPath : RUNNING;
  } catch {
    return execPath;
  }
}

/** How to run the program itself: a compiled executable, or Bun and a script. */
function self(): string[] {
  return Bun.main.startsWith("/$bunfs") || Bun.main.startsWith("B:\\")
    ? [executable()]
    : [executable(), Bun.main];
}

/**
 * Starts this program again with `args`. It ends with us: its messages' channel
 * closes. It never throws, since who restarts a worker does so in a timer.
 */
export function spawnWorker<Order, Report>(
  args: readonly string[],
  onReport: (report: Report) => void,
): WorkerProcess<Order> {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {});
  let child: Bun.Subprocess | undefined;
  try {
    child = Bun.spawn([...self(), ...args], {
      stdin: "ignore",
      stdout: "inherit",
      stderr: "inherit",
      serialization: "advanced",
      ipc: onReport,
      onExit(_, code, signal) {
        const how = signal === null ? `status ${code}` : `signal ${signal}`;
        reject(new SounderError(`a worker process ended: ${how}`, "EWORKER"));
      },
    });
  } catch (error) {
    reject(failure("cannot start a worker process", error));
  }
  return {
    send(order) {
      try {
        child?.send(order);
      } catch {
        // It has ended, or will not listen any more: `died` tells of that.
      }
    },
    died: promise,
    [Symbol.dispose]: () => child?.kill("SIGKILL"),
  };
}
