import {
  formatEndpoint,
  isSecure,
  type Listenable,
} from "../../address/endpoint.ts";
import { formatCount, plural } from "../../units.ts";
import { mistake } from "../shared/mistake.ts";
import type { ServerFlags } from "./flags.ts";

/**
 * Sees that a server's flags go together; each is right by itself.
 * @param places where it is to listen
 * @throws CommanderError
 */
export function checkFlags(
  places: readonly Listenable[],
  flags: ServerFlags,
): void {
  const wrong =
    inTls(places, flags) ??
    inProxyProtocol(places, flags) ??
    inWorkers(places, flags) ??
    (flags.adminHost !== undefined && flags.admin === undefined
      ? "--admin-host wants --admin"
      : undefined);
  if (wrong !== undefined) throw mistake(wrong);
}

function inTls(
  places: readonly Listenable[],
  { tlsCert, tlsKey, tlsClientCa }: ServerFlags,
): string | undefined {
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    return "--tls-cert and --tls-key go together";
  }
  if (tlsClientCa !== undefined && tlsCert === undefined) {
    return "--tls-client-ca wants --tls-cert and --tls-key";
  }
  return tlsCert !== undefined && !places.some(isSecure)
    ? "--tls-cert wants an address that begins with tls://"
    : undefined;
}

function inProxyProtocol(
  places: readonly Listenable[],
  { proxyProtocol, allow }: ServerFlags,
): string | undefined {
  if (!proxyProtocol) return undefined;
  // Who may connect to a Unix socket is said by its file's permissions.
  return allow === undefined && places.some(({ kind }) => kind !== "unix")
    ? "--proxy-protocol wants --allow, to name the proxies that are believed " +
        "(0.0.0.0/0,::/0 is everybody)"
    : undefined;
}

/** Whether several processes can listen there. */
function canBeShared(place: Listenable): boolean {
  switch (place.kind) {
    case "tcp":
    case "tls":
      return true;
    case "unix":
    case "fd":
      return false;
  }
}

function inWorkers(
  places: readonly Listenable[],
  { workers, trace, maxConnections, maxPending }: ServerFlags,
): string | undefined {
  if (workers === 1) return undefined;
  if (trace) return "--trace can't be combined with --workers";
  const unshared = places.find((place) => !canBeShared(place));
  if (unshared !== undefined) {
    const name = formatEndpoint(unshared);
    return `--workers can't share ${name}: only TCP ports can be shared`;
  }
  const limits = {
    "--max-connections": maxConnections,
    "--max-pending": maxPending,
  };
  for (const [flag, limit] of Object.entries(limits)) {
    if (limit !== undefined && limit < workers) {
      return `${flag} ${formatCount(limit)} is too little for ${plural(workers, "worker")}`;
    }
  }
  return undefined;
}
