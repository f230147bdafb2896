import type { ServerTls } from "../../inbound/layers/tls.ts";
import type { FlagsOf } from "./group.ts";
import type { IDENTITY } from "./groups.ts";
import { readCertificate, readPair, readPem } from "./pem-files.ts";

/** The PEM files of a server's identity. */
export type IdentityFiles = Partial<FlagsOf<[typeof IDENTITY]>>;

/** Reads a server's identity, if it is given one. @throws SounderError */
export function readIdentity(files: IdentityFiles): ServerTls | undefined {
  const { tlsCert, tlsKey, tlsClientCa } = files;
  if (tlsCert === undefined || tlsKey === undefined) return undefined;
  const pair = readPair(tlsCert, tlsKey);
  if (tlsClientCa === undefined) return pair;
  const clientCa = readPem(tlsClientCa);
  readCertificate(tlsClientCa, clientCa);
  return { ...pair, clientCa };
}
