/** A parent and its worker, for spawn.test.ts: it says back what it hears. */
import { spawnWorker } from "../../src/workers/spawn.ts";

if (process.argv[2] === "worker") {
  process.on("disconnect", () => process.exit());
  process.on("message", (order: { say?: unknown; exit?: number }) => {
    if (order.exit !== undefined) process.exit(order.exit);
    process.send!({ said: order.say, by: process.pid });
  });
  process.send!({ said: "up", by: process.pid });
} else {
  const worker = spawnWorker<object, object>(["worker"], (report) => {
    process.send!(report);
  });
  worker.died.catch((error) => process.send!({ died: error.message }));
  process.on("message", (order: { dispose?: true }) => {
    if (order.dispose) worker[Symbol.dispose]();
    else worker.send(order);
  });
}
