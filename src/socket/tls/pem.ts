/** Certificates and keys in PEM: whether TLS can use them. */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";

import { codeOf, SounderError } from "../../errors/errors.ts";

/** @param name what it is called in messages: a file, or an option */
function unusable(name: string, why: string): SounderError {
  return new SounderError(`cannot use ${name}: ${why}`, "ETLS");
}

const CERTIFICATE =
  /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[^]*?(?=-----BEGIN |$)/g;

const BEGIN = /^.*?(?=-----BEGIN [A-Z0-9 ]+-----$)/;
/** OpenSSL's own form, with what an authority is trusted for. */
const TRUSTED =
  /-----BEGIN TRUSTED CERTIFICATE-----[^]*?-----END TRUSTED CERTIFICATE-----/g;

/**
 * A text in PEM as TLS reads it. BoringSSL leaves out, without a word, what does
 * not begin its line (behind a byte order mark, other text or an indentation),
 * and trusts no certificate in OpenSSL's own form.
 */
export function plainPem(text: string): string {
  const lines = text
    .replace(/^\uFEFF/, "")
    .split(/\r\n?|\n/)
    .map((line) => line.trim().replace(BEGIN, ""));
  return lines.join("\n").replaceAll(TRUSTED, (block) => {
    try {
      return new X509Certificate(block).toString().trimEnd();
    } catch {
      // Whoever looks at it finds it broken.
      return block;
    }
  });
}

/**
 * The first certificate of a text, once all of them are seen to be good: TLS
 * takes no text with a broken one, or leaves out what follows it.
 * @throws SounderError `ETLS`
 */
export function firstCertificate(pem: string, name: string): X509Certificate {
  const blocks = plainPem(pem).match(CERTIFICATE) ?? [];
  const certificates = blocks.map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch {
      throw unusable(name, `certificate ${index + 1} in it is broken`);
    }
  });
  const [first] = certificates;
  if (first === undefined) {
    throw unusable(name, "it is not a certificate in PEM");
  }
  return first;
}

function privateKey(pem: string, name: string): KeyObject {
  try {
    return createPrivateKey(plainPem(pem));
  } catch (error) {
    throw unusable(
      name,
      codeOf(error) === "ERR_MISSING_PASSPHRASE"
        ? "it has a passphrase; a key without one is wanted"
        : "it is not a private key in PEM",
    );
  }
}

export interface Pair {
  cert: string;
  key: string;
}

/**
 * Sees that a certificate and a key can be used, and belong together: a
 * handshake that fails later would say less.
 * @param names what they are called in messages
 * @throws SounderError `ETLS`
 */
export function checkPair({ cert, key }: Pair, names: Pair): void {
  const certificate = firstCertificate(cert, names.cert);
  if (!certificate.checkPrivateKey(privateKey(key, names.key))) {
    throw unusable(names.key, `it is not the key of ${names.cert}`);
  }
  try {
    // Slow to load, and few need it.
    process.getBuiltinModule("node:tls").createSecureContext({
      cert: plainPem(cert),
      key: plainPem(key),
    });
  } catch (error) {
    const { message } = error as Error;
    throw unusable(names.cert, `TLS does not take it: ${message}`);
  }
}
