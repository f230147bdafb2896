/** A parent and its worker, for spawn.test.ts: it says back what it hears. */
import { isNumber, isText } from "../../src/checks.ts";
import type { Protocol } from "../../src/workers/messages.ts";
import { obeyParent } from "../../src/workers/parent.ts";
import { spawnWorker } from "../../src/workers/spawn.ts";

function isAnything(value: unknown): value is unknown {
  return value !== FAMILY;
}

const FAMILY = {
  command: "worker",
  toWorker: {
    say: { what: isAnything },
    exit: { status: isNumber },
    fail: { why: isText },
    /** Has it tell its parent what is not agreed. */
    babble: { message: isAnything },
  },
  fromWorker: { said: { what: isAnything, by: isNumber } },
} satisfies Protocol;

if (process.argv[2] === FAMILY.command) {
  process.on("disconnect", () => process.exit());
  const tell = obeyParent(FAMILY, async (message) => {
    if (message.type === "exit") process.exit(message.status);
    if (message.type === "fail") throw new Error(message.why);
    if (message.type === "babble") process.send!(message.message);
    else tell({ type: "said", what: message.what, by: process.pid });
  });
  tell({ type: "said", what: "here", by: process.pid });
} else {
  const worker = spawnWorker(
    FAMILY,
    {
      onUp: () => process.send!({ up: true }),
      onMessage: (message) => process.send!(message),
    },
    Bun.main,
  );
  worker.died.catch((error) => process.send!({ died: error.message }));
  process.on("message", (message: { type: string }) => {
    if (message.type === "dispose") worker[Symbol.dispose]();
    else worker.send(message as never);
  });
}
