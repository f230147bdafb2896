import { hostname } from "node:os";

import { version } from "../../../package.json" with { type: "json" };
import type { AdminSource } from "../../admin/source.ts";
import { type Fleet, startFleet } from "../../cluster/cluster.ts";
import { zoneWarning } from "../../protocol/stamp/local-time.ts";
import type { ServerOptions } from "../../server/options.ts";
import { type Server, startServer } from "../../server/server.ts";
import {
  type Endpoint,
  formatEndpoint,
  type Listenable,
} from "../../address/endpoint.ts";
import type { ServerTls } from "../../inbound/layers/tls.ts";
import { formatDuration, plural } from "../../units.ts";
import { Tracer } from "../../socket/trace/tracer.ts";
import {
  fingerprintOf,
  type IdentityFiles,
  readIdentity,
  untimely,
} from "../shared/identity.ts";
import { type Hooks, hooksOf } from "./hooks.ts";
import { SAME_SIGNAL } from "../shared/interrupts.ts";
import { type Log, type LogKind, logOf } from "./log.ts";
import { say } from "../shared/say.ts";
import { startedByNohup } from "./nohup.ts";
import { notifySystemd, unusedSockets } from "./systemd.ts";
import type { ReplyKind } from "../../protocol/reply.ts";

export interface ServerFlags
  extends
    IdentityFiles,
    Pick<
      ServerOptions,
      | "maxConnections"
      | "maxConnectionsPerIp"
      | "maxLifetime"
      | "idleTimeout"
      | "maxPending"
      | "proxyProtocol"
      | "allow"
      | "deny"
    > {
  reply: ReplyKind;
  log: LogKind;
  drainTimeout: number;
  drainDelay: number;
  workers: number;
  admin?: Endpoint;
  adminHost?: string[];
  trace?: true;
}

/**
 * Serves until it is told to stop.
 * @returns the exit status
 */
export async function serve(
  addresses: readonly Listenable[],
  flags: ServerFlags,
): Promise<number> {
  const log = await logOf(flags.log);
  const { onStopped, ...hooks } = hooksOf(log);
  const server = await start(addresses, flags, log, hooks);
  let ready = true;
  const unready = () => (ready ? server.unready : "draining");
  await using admin = await administer(server, flags, unready);

  const stopped = Promise.withResolvers<number>();
  function stop(drainTimeout: number): void {
    server.stop({ drainTimeout }).then(stopped.resolve, stopped.reject);
  }
  async function leave(): Promise<void> {
    ready = false;
    notifySystemd("STOPPING=1");
    const { drainDelay, drainTimeout } = flags;
    if (drainDelay > 0) {
      const message = `not ready; the stop begins in ${formatDuration(drainDelay)}`;
      log.note("leaving", message);
      await Bun.sleep(drainDelay);
    }
    const { connections } = await server.snapshot({ search: "", limit: 0 });
    log.stopping(connections.open);
    stop(drainTimeout);
  }
  let ignoreUntil = 0;
  function onSignal(): void {
    const now = performance.now();
    if (now < ignoreUntil) return;
    ignoreUntil = now + SAME_SIGNAL;
    if (ready) leave().catch(stopped.reject);
    else stop(0);
  }
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  if (flags.tlsCert !== undefined) {
    process.on("SIGHUP", () => renewIdentity(server, flags, log));
  } else if (!startedByNohup()) {
    // The terminal was closed.
    process.on("SIGHUP", onSignal);
  }

  // Only now: who reads that it listens may stop it at once.
  for (const endpoint of server.addresses) {
    log.listening(endpoint, flags.reply);
  }
  const zone = zoneWarning();
  if (zone !== undefined) log.warn("time-zone", zone);
  if (server.tls !== undefined) {
    if (flags.tlsCert === undefined) {
      tellIdentity(server.tls, "made for this run", log);
    }
    warnOfIdentity(server.tls, log);
  }
  const unused = unusedSockets(addresses);
  if (unused > 0) {
    const sockets = plural(unused, "socket");
    const message = `${sockets} of systemd's not used: addresses were given`;
    log.warn("activation", message);
  }
  if (admin !== undefined) {
    const address = formatEndpoint(admin.address);
    log.note("admin", `admin pages at ${pagesAt(admin.address)}`, { address });
  }
  notifySystemd("READY=1");
  const reset = await stopped.promise;
  onStopped();
  log.stopped(reset);
  return 0;
}

/** What to give a browser, or curl's --unix-socket. */
function pagesAt(endpoint: Endpoint): string {
  const name = formatEndpoint(endpoint);
  return endpoint.kind === "unix" ? name : `http://${name}/`;
}

/** Starts what the flags ask for: a server here, or several processes. */
async function start(
  addresses: readonly Listenable[],
  flags: ServerFlags,
  log: Log,
  hooks: Omit<Hooks, "onStopped">,
): Promise<Server | Fleet> {
  const { workers, trace } = flags;
  const options: ServerOptions = {
    reply: flags.reply,
    maxConnections: flags.maxConnections,
    maxConnectionsPerIp: flags.maxConnectionsPerIp,
    idleTimeout: flags.idleTimeout,
    maxLifetime: flags.maxLifetime,
    maxPending: flags.maxPending,
    allow: flags.allow,
    deny: flags.deny,
    proxyProtocol: flags.proxyProtocol,
    tls: readIdentity(flags),
  };
  if (workers > 1) {
    const orphaned = { drainTimeout: flags.drainTimeout };
    const shared = { ...options, addresses, log: flags.log, orphaned };
    return startFleet(workers, shared, {
      workerDied(worker, why, wait) {
        const message = `worker ${worker}: ${why}; started again in ${wait} ms`;
        log.warn("worker-died", message, { worker, wait });
      },
      workerHangs(worker) {
        const message = `worker ${worker} does not answer`;
        log.warn("worker-hangs", message, { worker });
      },
      workerServes(worker) {
        const message = `worker ${worker} serves again`;
        log.note("worker-serves", message, { worker });
      },
    });
  }
  return startServer({
    ...options,
    ...hooks,
    addresses,
    trace: trace && new Tracer("server", say),
  });
}

async function administer(
  server: Server | Fleet,
  flags: ServerFlags,
  unready: AdminSource["unready"],
) {
  if (flags.admin === undefined) return undefined;
  // Its pages and metrics take longer to load than all the rest.
  const { startAdmin } = await import("../../admin/admin.ts");
  try {
    return await startAdmin({
      address: flags.admin,
      version,
      title: [hostname(), ...server.addresses.map(formatEndpoint)].join(" "),
      hosts: flags.adminHost ?? [],
      source: {
        unready,
        counts: async () => server.counts(),
        snapshot: async (query) => server.snapshot(query),
      },
    });
  } catch (error) {
    await server.stop({ drainTimeout: 0 });
    throw error;
  }
}

function tellIdentity(tls: ServerTls, what: string, log: Log): void {
  const message = `certificate ${what}: SHA-256 ${fingerprintOf(tls)}`;
  log.note("certificate", message);
}

function warnOfIdentity(tls: ServerTls, log: Log): void {
  const warning = untimely(tls);
  if (warning !== undefined) log.warn("certificate", warning);
}

/** SIGHUP: new connections get the certificate that the files hold now. */
function renewIdentity(
  server: Server | Fleet,
  flags: ServerFlags,
  log: Log,
): void {
  try {
    const tls = readIdentity(flags);
    if (tls === undefined) return;
    server.useTls(tls);
    tellIdentity(tls, "read again", log);
    warnOfIdentity(tls, log);
  } catch (error) {
    log.warn("certificate", `${(error as Error).message}; the old one stays`);
  }
}
