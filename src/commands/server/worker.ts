import { serveAsWorker } from "../../cluster/worker.ts";
import { said } from "../shared/say.ts";
import { hooksOf } from "../shared/connection-log.ts";
import { type LogKind, logOf } from "../shared/log.ts";

/** Serves for the process that started this one. @returns the exit status */
export async function workForParent(): Promise<number> {
  await serveAsWorker(async (worker, kind) => {
    const hooks = hooksOf(await logOf(kind as LogKind), `${worker}.`);
    return {
      ...hooks,
      // Where the parent is a container's first process, all end with it.
      onStopped() {
        hooks.onStopped();
        return said.emptied();
      },
    };
  });
  return 0;
}
