import type { ServerHooks } from "../server/hooks.ts";
import type { ServerTls } from "../inbound/layers/tls.ts";
import type { DrainOptions } from "../inbound/options.ts";
import type { Server } from "../server/public.ts";
import { EchoServer } from "../server/server.ts";
import type { PeerQuery } from "../status/peers.ts";
import type { Snapshot } from "../status/snapshot.ts";
import { obeyParent } from "../workers/parent.ts";
import {
  CLUSTER,
  type ClusterOptions,
  HEARTBEAT_EVERY,
  type ToServer,
} from "./messages.ts";

/** What a worker tells of its connections, and of its own end. */
export interface WorkerHooks extends ServerHooks {
  /** Called once it has stopped, before its process ends. */
  onStopped(): Promise<void>;
}

/** @param log the kind of log that is wanted */
type HooksFor = (worker: number, log: string) => Promise<WorkerHooks>;

/**
 * Serves as the parent says, until it is told to stop or its parent is gone.
 */
export async function serveAsWorker(hooksFor: HooksFor): Promise<void> {
  const worker = new ClusterWorker(hooksFor);
  // Its connections did nothing wrong: they are served to their end.
  process.on("disconnect", () => void worker.stop());
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      // The terminal's Ctrl-C reaches all; the parent says what it means.
      if (!process.connected) void worker.stop({ drainTimeout: 0 });
    });
  }
  process.on("SIGHUP", () => {});
  await worker.over.promise;
}

class ClusterWorker {
  readonly over = Promise.withResolvers<void>();
  private number = 0;
  private orphaned: DrainOptions = {};
  private hooks: WorkerHooks | undefined;
  private server: Server | undefined;
  /** What came while the server was still starting. */
  private renewed: ServerTls | undefined;
  private heartbeats: Timer | undefined;
  private readonly tell = obeyParent(CLUSTER, (message) => this.obey(message));

  constructor(private readonly hooksFor: HooksFor) {}

  private async obey(message: ToServer): Promise<void> {
    switch (message.type) {
      case "serve":
        return this.serve(message.worker, message.options);
      case "tls":
        this.renewed = message.tls;
        this.server?.useTls(message.tls);
        return;
      case "counts": {
        const { question } = message;
        const counts = this.server!.counts();
        this.tell({ type: "counts", question, counts });
        return;
      }
      case "snapshot": {
        const { question, query } = message;
        const snapshot = this.snapshot(query);
        this.tell({ type: "snapshot", question, snapshot });
        return;
      }
      case "stop":
        return this.stop(message.options);
    }
  }

  private async serve(
    number: number,
    { log, orphaned, ...options }: ClusterOptions,
  ): Promise<void> {
    this.number = number;
    this.orphaned = orphaned;
    this.hooks = await this.hooksFor(number, log);
    const server = await EchoServer.start({
      ...options,
      ...this.hooks,
      reusePort: true,
    });
    this.server = server;
    if (this.renewed !== undefined) server.useTls(this.renewed);
    this.tell({ type: "serving" });
    this.heartbeats = setInterval(() => {
      const { unready } = server;
      this.tell({ type: "heartbeat", unready, counts: server.counts() });
    }, HEARTBEAT_EVERY);
  }

  private snapshot(query: PeerQuery): Snapshot {
    const snapshot = this.server!.snapshot(query);
    const worker = this.number;
    const peers = snapshot.peers.map((peer) => ({ ...peer, worker }));
    return { ...snapshot, peers };
  }

  async stop(options = this.orphaned): Promise<void> {
    const reset = (await this.server?.stop(options)) ?? 0;
    clearInterval(this.heartbeats);
    this.tell({ type: "stopped", reset });
    // Whoever reads the log may take longer than a stop may.
    await this.hooks?.onStopped();
    this.over.resolve();
  }
}
