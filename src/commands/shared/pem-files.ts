import { readFileSync } from "node:fs";

import { failure } from "../../errors/errors.ts";
import {
  checkPair,
  firstCertificate,
  type Pair,
  plainPem,
} from "../../socket/tls/pem.ts";

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
