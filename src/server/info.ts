import { hostname } from "node:os";

import { formatHostPort } from "../address/endpoint.ts";
import type { Info, InfoTls } from "../protocol/info.ts";
import type { TlsSession, Wire } from "../socket/wire.ts";
import { INSTANCE } from "./instance.ts";

/** What the server tells on one connection. @param server its name */
export function infoOf(wire: Wire, server: string): Info {
  const { localAddress, localPort, remoteAddress, remotePort, proxy, tls } =
    wire;
  return {
    server,
    instance: INSTANCE,
    host: hostname(),
    peer: nameOf(remoteAddress, remotePort),
    local: nameOf(localAddress, localPort),
    proxied: proxy ?? null,
    tls: tls === undefined ? null : tlsOf(tls),
    time: new Date().toISOString(),
  };
}

/** The first line of `--reply info`. */
export function infoLine(wire: Wire, server: string): Buffer {
  return Buffer.from(`${JSON.stringify(infoOf(wire, server))}\n`);
}

function nameOf(
  address: string | undefined,
  port: number | undefined,
): string | null {
  return address === undefined ? null : formatHostPort(address, port ?? 0);
}

function tlsOf({
  version,
  cipher,
  serverName,
  fingerprint,
}: TlsSession): InfoTls {
  return {
    version,
    cipher,
    serverName: serverName ?? null,
    client: fingerprint ?? null,
  };
}
