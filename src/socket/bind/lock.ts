import { setTimeout as sleep } from "node:timers/promises";

import { codeOf } from "../../errors/errors.ts";

const TRY_EVERY = 5;

/**
 * Keeps other processes of ours from doing the same at the same time, until it
 * is disposed of or the process is gone. It is an abstract Unix socket: as with
 * ports, a network namespace has its own. Off Linux there are none, and nothing
 * is held.
 *
 * @param what up to 100 bytes
 * @param within milliseconds after which it goes on without: another program may
 *   have taken the name
 */
export async function lock(what: string, within = 2000): Promise<Disposable> {
  const free = { [Symbol.dispose]() {} };
  if (process.platform !== "linux") return free;
  const giveUp = performance.now() + within;
  for (;;) {
    try {
      const held = Bun.listen({
        unix: `\0sounder/${what}`,
        socket: { open: (peer) => void peer.terminate(), data() {} },
      });
      held.unref();
      return { [Symbol.dispose]: () => held.stop(true) };
    } catch (error) {
      const taken = codeOf(error) === "EADDRINUSE";
      if (!taken || performance.now() >= giveUp) return free;
      await sleep(TRY_EVERY);
    }
  }
}
