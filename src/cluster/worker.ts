import { asSounderError } from "../errors/errors.ts";
import type { ServerTls } from "../inbound/layers/tls.ts";
import { toParent } from "../workers/parent.ts";
import { BEAT_EVERY, type Order, type Report } from "./messages.ts";
import type { ServerHooks } from "../server/hooks.ts";
import type { StopOptions } from "../server/options.ts";
import { EchoServer, type Server } from "../server/server.ts";

/** What a worker does with its connections' news. */
export interface WorkerHooks extends ServerHooks {
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
  /** What came while the server was still starting. */
  let renewed: ServerTls | undefined;
  let hooks: WorkerHooks | undefined;
  let number = 0;
  let orphaned: StopOptions = {};
  let beating: Timer | undefined;

  async function serve(order: Order & { type: "serve" }): Promise<void> {
    number = order.worker;
    const { log, ...options } = order.options;
    ({ orphaned } = options);
    hooks = await hooksFor(number, log);
    const started = await EchoServer.start({
      ...options,
      ...hooks,
      reusePort: true,
    });
    server = started;
    if (renewed !== undefined) started.useTls(renewed);
    tell({ type: "serving" });
    beating = setInterval(() => {
      const { unready } = started;
      tell({ type: "beat", unready, counts: started.counts() });
    }, BEAT_EVERY);
  }

  async function stop(options: StopOptions): Promise<void> {
    const reset = (await server?.stop(options)) ?? 0;
    clearInterval(beating);
    tell({ type: "stopped", reset });
    // Whoever reads the log may take longer than a stop may.
    await hooks?.onStopped();
    over.resolve();
  }

  async function obey(order: Order): Promise<void> {
    if (order.type === "serve") await serve(order);
    else if (order.type === "tls") {
      renewed = order.tls;
      server?.useTls(order.tls);
    } else if (order.type === "stop") await stop(order.options);
    else if (order.type === "counts") {
      const { question } = order;
      tell({ type: "counts", question, counts: server!.counts() });
    } else {
      const { question, query } = order;
      const one = server!.snapshot(query);
      const peers = one.peers.map((peer) => ({ ...peer, worker: number }));
      tell({ type: "snapshot", question, snapshot: { ...one, peers } });
    }
  }

  process.on("message", (order: Order) => {
    obey(order).catch((error: Error) => {
      const { summary, code } = asSounderError(error);
      tell({ type: "failed", summary, code });
    });
  });
  // Its connections did nothing wrong: they are served to their end.
  process.on("disconnect", () => void stop(orphaned));
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      // The terminal's Ctrl-C reaches all; the parent says what it means.
      if (!process.connected) void stop({ drainTimeout: 0 });
    });
  }
  process.on("SIGHUP", () => {});
  tell({ type: "up" });
  await over.promise;
}
