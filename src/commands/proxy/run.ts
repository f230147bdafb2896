import { readFileSync, writeFileSync } from "node:fs";

import type { Endpoint, Listenable } from "../../address/endpoint.ts";
import { failure, SounderError } from "../../errors/errors.ts";
import { pairsByFiles } from "../../inbound/listen/open-files.ts";
import type { ProxyEnded } from "../../proxy/hooks.ts";
import { type Proxy, startProxy } from "../../proxy/proxy.ts";
import { administer, tellAdmin } from "../shared/admin.ts";
import { approachOf } from "../shared/approach.ts";
import { renewCertificate, tellCertificate } from "../shared/certificate.ts";
import { pick } from "../shared/group.ts";
import { LIMITS } from "../shared/groups.ts";
import { readIdentity } from "../shared/identity.ts";
import { type Log, logOf } from "../shared/log.ts";
import { hooksOf } from "../shared/connection-log.ts";
import { startedByNohup } from "../shared/nohup.ts";
import { warnOfOpenFiles } from "../shared/open-files.ts";
import { aborted, catchSignals, type Signals } from "../shared/signals.ts";
import { stop } from "../shared/stop.ts";
import type { ProxyFlags } from "./flags.ts";
import { tellFaults } from "../shared/fault-log.ts";
import { proxyLog, tellListening } from "./log.ts";

/** Passes connections on until it is told to stop. @returns the exit status */
export async function passOn(
  place: Listenable,
  target: Endpoint,
  flags: ProxyFlags,
): Promise<number> {
  const token = tokenOf(flags);
  const log = await logOf(flags.log);
  const { onStopped, ...hooks } = hooksOf<ProxyEnded>(proxyLog(log));
  const { proxyProtocol, seed, connectTimeout, fault: faults } = flags;
  const { tls: targetTls, sendProxy } = approachOf(targetFlags(flags), target);
  const proxy = await startProxy({
    ...pick(flags, LIMITS),
    ...hooks,
    listen: place,
    target,
    faults,
    seed,
    connectTimeout,
    proxyProtocol,
    tls: readIdentity(flags),
    targetTls: target.kind === "tls" ? targetTls : undefined,
    sendProxy,
  });
  writeAuthorities(proxy, flags);
  const signals = catchProxySignals(proxy, flags, log);
  const unready = () => (signals.stop.aborted ? "draining" : proxy.unready);
  await using admin = await administer(proxy, flags, unready, {
    faults: {
      read: () => proxy.faults,
      async put(list) {
        await proxy.setFaults(list);
        writeAuthorities(proxy, flags);
        const said = tellFaults(proxy.faults);
        log.note("faults", said, { faults: proxy.faults.join("; ") });
      },
    },
    token,
  });

  // Only now: who reads that it listens may stop it at once.
  tellListening(log, proxy.addresses[0]!, target, proxy.faults);
  warnOfOpenFiles(log, flags.maxConnections, pairsByFiles());
  tellCertificate(proxy, flags, log);
  if (admin !== undefined) tellAdmin(admin.address, log);
  await aborted(signals.stop);
  const reset = await stop(proxy, flags, log, signals.cut);
  onStopped();
  log.stopped(reset);
  return 0;
}

/** SIGHUP has files read again, or else says that the terminal was closed. */
function catchProxySignals(proxy: Proxy, flags: ProxyFlags, log: Log): Signals {
  if (flags.tlsCert !== undefined) {
    process.on("SIGHUP", () => renewCertificate(proxy, flags, log));
    return catchSignals(["SIGINT", "SIGTERM"]);
  }
  return startedByNohup()
    ? catchSignals(["SIGINT", "SIGTERM"])
    : catchSignals(["SIGINT", "SIGTERM", "SIGHUP"]);
}

/** As a client has them. */
function targetFlags({ tlsTargetCert, tlsTargetKey, ...flags }: ProxyFlags) {
  return { ...flags, tlsCert: tlsTargetCert, tlsKey: tlsTargetKey };
}

/** For clients that are to find nothing wrong but the fault. */
function writeAuthorities(
  { faultAuthorities, tls }: Proxy,
  { tlsFaultCa: path, tlsCert }: ProxyFlags,
): void {
  if (path === undefined) return;
  // Made for this run, nobody can know it: it is shown where no fault acts.
  const own = tlsCert === undefined ? `${tls!.cert.trimEnd()}\n` : "";
  try {
    writeFileSync(path, own + faultAuthorities);
  } catch (error) {
    throw failure(`cannot write ${path}`, error);
  }
}

/** What who changes faults has to say. @throws SounderError */
function tokenOf({ adminToken: path }: ProxyFlags): string | undefined {
  if (path === undefined) {
    return process.env["SOUNDER_ADMIN_TOKEN"]?.trim() || undefined;
  }
  let token: string;
  try {
    token = readFileSync(path, "utf8").trim();
  } catch (error) {
    throw failure(`cannot read ${path}`, error);
  }
  if (token !== "") return token;
  throw new SounderError(
    `cannot use ${path}: there is no token in it`,
    "EINVAL",
  );
}
