import { SounderError } from "../socket/errors.ts";

/** A process of our own kind, told what to do by messages. */
export interface WorkerProcess<Order> extends Disposable {
  send(order: Order): void;
  /** Rejects when it ends, however it ends. */
  readonly died: Promise<never>;
}

/** Where the program itself is: a compiled executable, or Bun and a script. */
function self(): string[] {
  return Bun.main.startsWith("/$bunfs") || Bun.main.startsWith("B:\\")
    ? [process.execPath]
    : [process.execPath, Bun.main];
}

/**
 * Starts this program again with `args`. It ends with us: its messages' channel
 * closes.
 */
export function spawnWorker<Order, Report>(
  args: readonly string[],
  onReport: (report: Report) => void,
): WorkerProcess<Order> {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {});
  const child = Bun.spawn([...self(), ...args], {
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
  return {
    send(order) {
      // To one that has ended it would throw; `died` tells of that.
      if (!child.killed && child.exitCode === null) child.send(order);
    },
    died: promise,
    [Symbol.dispose]: () => child.kill("SIGKILL"),
  };
}
