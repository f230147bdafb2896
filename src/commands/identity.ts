import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";

import { failure, SounderError } from "../socket/errors.ts";
import type { ServerTls } from "../socket/tls.ts";

/** The PEM files of a server's identity. */
export interface IdentityFiles {
  tlsCert?: string;
  tlsKey?: string;
  tlsClientCa?: string;
}

/** @throws SounderError that names the file */
export function readPem(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw failure(`cannot read ${path}`, error);
  }
}

function unusable(path: string, why: string): SounderError {
  return new SounderError(`cannot use ${path}: ${why} (ETLS)`, "ETLS");
}

export function readCertificate(path: string, pem = readPem(path)) {
  try {
    return new X509Certificate(pem);
  } catch {
    throw unusable(path, "it is not a certificate in PEM");
  }
}

/**
 * Reads a certificate and its key, and sees that they belong together: a
 * handshake that fails later would say less.
 * @throws SounderError
 */
export function readPair(certFile: string, keyFile: string) {
  const cert = readPem(certFile);
  const key = readPem(keyFile);
  const certificate = readCertificate(certFile, cert);
  let belongs: boolean;
  try {
    belongs = certificate.checkPrivateKey(createPrivateKey(key));
  } catch {
    throw unusable(keyFile, "it is not a private key in PEM");
  }
  if (!belongs) throw unusable(keyFile, `it is not the key of ${certFile}`);
  return { cert, key };
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
