import type { Listenable } from "../../address/endpoint.ts";
import { connectionsByFiles } from "../../inbound/listen/open-files.ts";
import { zoneWarning } from "../../protocol/stamp/local-time.ts";
import { plural } from "../../units.ts";
import { aborted, catchSignals, type Signals } from "../shared/signals.ts";
import { administer, tellAdmin } from "../shared/admin.ts";
import { renewCertificate, tellCertificate } from "../shared/certificate.ts";
import type { ServerFlags } from "./flags.ts";
import { tellFaults } from "../shared/fault-log.ts";
import { hooksOf } from "../shared/connection-log.ts";
import { type Log, logOf } from "../shared/log.ts";
import { tracePictures } from "../shared/pictures.ts";
import { say } from "../shared/say.ts";
import { startedByNohup } from "../shared/nohup.ts";
import { warnOfOpenFiles } from "../shared/open-files.ts";
import type { Serving } from "../shared/serving.ts";
import { start } from "./start.ts";
import { stop } from "../shared/stop.ts";
import { notifySystemd, unusedSockets } from "./systemd.ts";

/** Serves until it is told to stop. @returns the exit status */
export async function serve(
  addresses: readonly Listenable[],
  flags: ServerFlags,
): Promise<number> {
  const log = await logOf(flags.log);
  const { onStopped, ...hooks } = hooksOf(log);
  const pictures = tracePictures("server", flags, say);
  const server = await start(addresses, flags, log, hooks, pictures.tracer);
  const signals = catchServerSignals(server, flags, log);
  const unready = () => (signals.stop.aborted ? "draining" : server.unready);
  await using admin = await administer(server, flags, unready);

  // Only now: who reads that it listens may stop it at once.
  tellStart(server, addresses, flags, log);
  if (admin !== undefined) tellAdmin(admin.address, log);
  notifySystemd("READY=1");
  await aborted(signals.stop);
  notifySystemd("STOPPING=1");
  const reset = await stop(server, flags, log, signals.cut);
  onStopped();
  log.stopped(reset);
  await pictures.finish();
  return 0;
}

/** SIGHUP has files read again, or else says that the terminal was closed. */
function catchServerSignals(
  server: Serving,
  flags: ServerFlags,
  log: Log,
): Signals {
  if (flags.tlsCert !== undefined) {
    process.on("SIGHUP", () => renewCertificate(server, flags, log));
    return catchSignals(["SIGINT", "SIGTERM"]);
  }
  return startedByNohup()
    ? catchSignals(["SIGINT", "SIGTERM"])
    : catchSignals(["SIGINT", "SIGTERM", "SIGHUP"]);
}

/** Tells where it listens, and what its operator should know of that. */
function tellStart(
  server: Serving,
  addresses: readonly Listenable[],
  flags: ServerFlags,
  log: Log,
): void {
  for (const endpoint of server.addresses) {
    log.listening(endpoint, flags.reply);
  }
  const most = connectionsByFiles(addresses.length);
  warnOfOpenFiles(log, flags.maxConnections, most, flags.workers);
  const { fault = [] } = flags;
  if (fault.length > 0) {
    log.note("faults", tellFaults(fault), { faults: fault.join("; ") });
  }
  const zone = zoneWarning();
  if (zone !== undefined) log.warn("time-zone", zone);
  tellCertificate(server, flags, log);
  const unused = unusedSockets(addresses);
  if (unused > 0) {
    const sockets = plural(unused, "socket");
    const message = `${sockets} of systemd's not used: addresses were given`;
    log.warn("activation", message);
  }
}
