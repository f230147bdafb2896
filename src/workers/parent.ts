import { asSounderError, SounderError } from "../errors/errors.ts";
import {
  type FromAnyWorker,
  type FromWorker,
  type Protocol,
  read,
  type ToWorker,
} from "./messages.ts";

/**
 * Makes this process the worker of the one that started it. What it fails with
 * is told, and the parent ends it.
 *
 * @returns tells the parent
 * @throws SounderError `EWORKER` if no process of ours started this one
 */
export function obeyParent<P extends Protocol>(
  protocol: P,
  obey: (message: ToWorker<P>) => Promise<void>,
): (message: FromWorker<P>) => void {
  if (process.send === undefined) {
    throw new SounderError(
      "cannot work: this command is for processes that sounder itself starts",
      "EWORKER",
    );
  }
  function tell(message: FromWorker<P> | FromAnyWorker): void {
    try {
      if (process.connected) process.send!(message);
    } catch {
      // It is gone, which "disconnect" tells.
    }
  }
  async function hear(message: unknown): Promise<void> {
    try {
      await obey(read<P["toWorker"]>(protocol.toWorker, message));
    } catch (error) {
      const { summary, code } = asSounderError(error);
      tell({ type: "failed", summary, code });
    }
  }
  process.on("message", (message) => void hear(message));
  tell({ type: "up" });
  return tell;
}
