import type { Listenable } from "../../address/endpoint.ts";
import { startCluster } from "../../cluster/cluster.ts";
import type { ClusterEvents } from "../../cluster/pool.ts";
import type { Ended } from "../../server/hooks.ts";
import { checkServer, type ServerOptions } from "../../server/options.ts";
import { EchoServer } from "../../server/server.ts";
import type { Tracer } from "../../socket/trace/tracer.ts";
import { pick } from "../shared/group.ts";
import { LIMITS } from "../shared/groups.ts";
import { readIdentity } from "../shared/identity.ts";
import type { Serving } from "../shared/serving.ts";
import type { ServerFlags } from "./flags.ts";
import type { Hooks } from "../shared/connection-log.ts";
import type { Log } from "../shared/log.ts";

/** Starts what the flags ask for. */
export function start(
  addresses: readonly Listenable[],
  flags: ServerFlags,
  log: Log,
  hooks: Omit<Hooks<Ended>, "onStopped">,
  trace: Tracer | undefined,
): Promise<Serving> {
  const { reply, name, cooperate, proxyProtocol, workers } = flags;
  const options: ServerOptions = {
    ...pick(flags, LIMITS),
    reply,
    name,
    cooperate,
    proxyProtocol,
    faults: flags.fault,
    seed: flags.seed,
    tls: readIdentity(flags),
  };
  if (workers > 1) {
    const orphaned = { drainTimeout: flags.drainTimeout };
    const shared = { ...options, addresses, log: flags.log, orphaned };
    return startCluster(workers, shared, workerEvents(log));
  }
  const whole = { ...options, ...hooks, addresses, trace };
  checkServer(whole);
  // Not startServer(), whose faults can come later, which costs a little.
  return EchoServer.start(whole);
}

function workerEvents(log: Log): ClusterEvents {
  return {
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
  };
}
