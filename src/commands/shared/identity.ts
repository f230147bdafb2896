import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";

import { failure } from "../../errors/errors.ts";
import {
  checkPair,
  firstCertificate,
  type Pair,
  plainPem,
} from "../../socket/tls/pem.ts";
import type { ServerTls } from "../../inbound/layers/tls.ts";
import type { FlagsOf } from "./group.ts";
import type { IDENTITY } from "./groups.ts";

/** The PEM files of a server's identity. */
export type IdentityFiles = Partial<FlagsOf<[typeof IDENTITY]>>;

/** By its byte order mark, if it has one; Windows writes UTF-16, too. */
function textOf(bytes: Buffer): string {
  const mark = bytes.toString("latin1", 0, 2);
  if (mark === "\xff\xfe") return new TextDecoder("utf-16le").decode(bytes);
  if (mark === "\xfe\xff") return new TextDecoder("utf-16be").decode(bytes);
  return bytes.toString("utf8");
}

/** @throws SounderError that names the file */
export function readPem(path: string): string {
  try {
    return plainPem(textOf(readFileSync(path)));
  } catch (error) {
    throw failure(`cannot read ${path}`, error);
  }
}

/**
 * The first certificate of a file, once all of them are seen to be good.
 * @throws SounderError
 */
export function readCertificate(path: string, pem = readPem(path)) {
  return firstCertificate(pem, path);
}

/**
 * Reads a certificate and its key, and sees that they belong together.
 * @throws SounderError
 */
export function readPair(certFile: string, keyFile: string): Pair {
  const pair = { cert: readPem(certFile), key: readPem(keyFile) };
  checkPair(pair, { cert: certFile, key: keyFile });
  return pair;
}

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

/** `8F:EA:…` */
export function fingerprintOf({ cert }: ServerTls): string {
  return new X509Certificate(cert).fingerprint256;
}

/** Why clients won't trust it today, whoever signed it. */
export function untimely({ cert }: ServerTls): string | undefined {
  const { validFrom, validTo } = new X509Certificate(cert);
  const now = Date.now();
  if (now < Date.parse(validFrom)) {
    return `the certificate is not valid before ${validFrom}`;
  }
  return now > Date.parse(validTo)
    ? `the certificate has expired: it was valid until ${validTo}`
    : undefined;
}
