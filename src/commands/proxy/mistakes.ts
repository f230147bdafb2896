import type { Endpoint, Listenable } from "../../address/endpoint.ts";
import {
  inAdmin,
  inFaults,
  inProxyProtocol,
  inTls,
} from "../shared/inbound-mistakes.ts";
import { mistake } from "../shared/mistake.ts";
import type { ProxyFlags } from "./flags.ts";

/**
 * Sees that a proxy's flags go together; each is right by itself.
 * @throws CommanderError
 */
export function checkTogether(
  place: Listenable,
  target: Endpoint,
  flags: ProxyFlags,
): void {
  const wrong =
    inFaults([place], flags) ??
    inTls([place], flags) ??
    inFaultCa(place, flags) ??
    inTarget(target, flags) ??
    inProxyProtocol([place], flags) ??
    inAdmin(flags) ??
    inToken(flags);
  if (wrong !== undefined) throw mistake(wrong);
}

function inFaultCa(
  { kind }: Listenable,
  { tlsFaultCa }: ProxyFlags,
): string | undefined {
  return tlsFaultCa !== undefined && kind !== "tls"
    ? "--tls-fault-ca wants an address to listen on that begins with tls://"
    : undefined;
}

function inTarget(
  target: Endpoint,
  { tlsTargetCert, tlsTargetKey }: ProxyFlags,
): string | undefined {
  if ((tlsTargetCert === undefined) !== (tlsTargetKey === undefined)) {
    return "--tls-target-cert and --tls-target-key go together";
  }
  return tlsTargetCert !== undefined && target.kind !== "tls"
    ? "--tls-target-cert wants a target that begins with tls://"
    : undefined;
}

function inToken({ admin, adminToken }: ProxyFlags): string | undefined {
  return adminToken !== undefined && admin === undefined
    ? "--admin-token wants --admin"
    : undefined;
}
