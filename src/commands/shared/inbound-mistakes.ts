import { isSecure, type Listenable } from "../../address/endpoint.ts";
import { misplaced } from "../../inbound/faults/checked.ts";
import { parseFaults } from "../../protocol/faults/list.ts";
import type { FlagsOf } from "./group.ts";
import type { ADMIN, FAULTS, IDENTITY, LIMITS, PROXIES } from "./groups.ts";

/** What is wrong with the flags of TLS together; undefined if they are right. */
export function inTls(
  places: readonly Listenable[],
  { tlsCert, tlsKey, tlsClientCa }: FlagsOf<[typeof IDENTITY]>,
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

/** The same of those of the PROXY protocol. */
export function inProxyProtocol(
  places: readonly Listenable[],
  { proxyProtocol, allow }: FlagsOf<[typeof PROXIES, typeof LIMITS]>,
): string | undefined {
  if (!proxyProtocol) return undefined;
  // Who may connect to a Unix socket is said by its file's permissions.
  return allow === undefined && places.some(({ kind }) => kind !== "unix")
    ? "--proxy-protocol wants --allow, to name the proxies that are believed " +
        "(0.0.0.0/0,::/0 is everybody)"
    : undefined;
}

/** The same of faults, each of which is one. */
export function inFaults(
  places: readonly Listenable[],
  { fault = [] }: FlagsOf<[typeof FAULTS]>,
): string | undefined {
  try {
    return misplaced(parseFaults(fault), places);
  } catch (error) {
    return (error as Error).message;
  }
}

/** The same of those of the admin pages. */
export function inAdmin({
  admin,
  adminHost,
}: FlagsOf<[typeof ADMIN]>): string | undefined {
  return adminHost !== undefined && admin === undefined
    ? "--admin-host wants --admin"
    : undefined;
}
