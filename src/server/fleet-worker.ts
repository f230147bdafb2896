import { codeOf } from "../socket/errors.ts";
import { toParent } from "../workers/parent.ts";
import type { Order, Report } from "./fleet-messages.ts";
import { type Server, type ServerOptions, startServer } from "./server.ts";

/** What a worker does with its connections' news. */
export interface WorkerHooks extends Pick<
  ServerOptions,
  "onConnect" | "onDisconnect" | "onReject" | "onFiles"
> {
  /** Called once it has stopped, before the parent hears of it. */
  onStopped(): Promise<void>;
}

/**
 * The other end of a fleet: serves as it is told, until it is told to stop or
 * its parent is gone.
 *
 * @param hooksFor of a worker's number, and the kind of log that is wanted
 */
export async function serveAsWorker(
  hooksFor: (worker: number, log: string) => Promise<WorkerHooks>,
): Promise<void> {
  const tell = toParent<Report>();
  const over = Promise.withResolvers<void>();
  let server: Server | undefined;
  let hooks: WorkerHooks | undefined;
  let number = 0;

  async function obey(order: Order): Promise<void> {
    if (order.type === "serve") {
      number = order.worker;
      const { log, ...options } = order.options;
      hooks = await hooksFor(number, log);
      server = await startServer({ ...options, ...hooks, reusePort: true });
      tell({ type: "serving" });
    } else if (order.type === "tls") server?.useTls(order.tls);
    else if (order.type === "snapshot") {
      const { question, query } = order;
      const one = server!.snapshot(query);
      const peers = one.peers.map((peer) => ({ ...peer, worker: number }));
      tell({ type: "snapshot", question, snapshot: { ...one, peers } });
    } else {
      const reset = (await server?.stop(order.options)) ?? 0;
      await hooks?.onStopped();
      tell({ type: "stopped", reset });
      over.resolve();
    }
  }

  process.on("message", (order: Order) => {
    obey(order).catch((error: Error) => {
      const code = codeOf(error) ?? "EWORKER";
      tell({ type: "failed", message: error.message, code });
    });
  });
  process.on("disconnect", () => over.resolve());
  // The terminal's Ctrl-C reaches all; the parent says what it means.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {});
  }
  tell({ type: "up" });
  await over.promise;
}
