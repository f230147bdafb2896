import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";

import { codeOf, failure, SounderError } from "../socket/errors.ts";
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
  return new SounderError(`cannot use ${path}: ${why}`, "ETLS");
}

const CERTIFICATE =
  /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[^]*?(?=-----BEGIN |$)/g;

/**
 * The first certificate of a file, once all of them are seen to be good: TLS
 * takes no file with a broken one, or leaves out what follows it.
 * @throws SounderError
 */
export function readCertificate(path: string, pem = readPem(path)) {
  const blocks = pem.match(CERTIFICATE) ?? [];
  const certificates = blocks.map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch {
      throw unusable(path, `certificate ${index + 1} in it is broken`);
    }
  });
  const [first] = certificates;
  if (first === undefined) {
    throw unusable(path, "it is not a certificate in PEM");
  }
  return first;
}

function readKey(path: string, pem: string) {
  try {
    return createPrivateKey(pem);
  } catch (error) {
    throw unusable(
      path,
      codeOf(error) === "ERR_MISSING_PASSPHRASE"
        ? "it has a passphrase; a key without one is wanted"
        : "it is not a private key in PEM",
    );
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
  if (!certificate.checkPrivateKey(readKey(keyFile, key))) {
    throw unusable(keyFile, `it is not the key of ${certFile}`);
  }
  try {
    // Slow to load, and few need it.
    process.getBuiltinModule("node:tls").createSecureContext({ cert, key });
  } catch (error) {
    const { message } = error as Error;
    throw unusable(certFile, `TLS does not take it: ${message}`);
  }
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
