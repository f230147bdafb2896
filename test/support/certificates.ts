import { X509Certificate } from "node:crypto";
import { selfSigned } from "../../src/inbound/self-signed.ts";
import { run } from "./cli.ts";
import { temporaryFolder } from "./folder.ts";
import { peerProgram } from "./peer.ts";

const openssl = peerProgram("openssl");

/** Whether there are no certificates. */
export const noOpenssl = openssl === undefined;

async function make(...args: string[]): Promise<void> {
  const { status, stderr } = await run([openssl!, ...args]);
  if (status !== 0) throw new Error(stderr);
}

const KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

/**
 * An authority, `ca.pem`; `server.pem` for localhost and 127.0.0.1, and
 * `client.pem`, which it signed; `expired.pem`, which it signed for yesterday;
 * `stranger.pem`, which it did not. `locked.key` is server's, with a passphrase.
 */
export async function certificates() {
  const folder = await temporaryFolder();
  const { path } = folder;
  const pem = (name: string) => path(`${name}.pem`);
  const key = (name: string) => path(`${name}.key`);

  async function selfMade(name: string): Promise<void> {
    const files = ["-keyout", key(name), "-out", pem(name)];
    const subject = ["-days", "30", "-subj", `/CN=${name}`];
    await make("req", "-x509", ...KEY, ...files, ...subject);
  }
  async function signed(
    name: string,
    more: string[] = [],
    days = 30,
  ): Promise<void> {
    const asked = path(`${name}.csr`);
    const files = ["-keyout", key(name), "-out", asked];
    await make("req", ...KEY, ...files, "-subj", `/CN=${name}`, ...more);
    const by = ["-CA", pem("ca"), "-CAkey", key("ca"), "-CAcreateserial"];
    const how = ["-days", String(days), "-copy_extensions", "copy"];
    await make("x509", "-req", "-in", asked, "-out", pem(name), ...by, ...how);
  }

  await Promise.all([selfMade("ca"), selfMade("stranger")]);
  const names = "subjectAltName=DNS:localhost,IP:127.0.0.1";
  await signed("server", ["-addext", names]);
  await signed("client");
  await signed("expired", ["-addext", names], -1);
  const locked = ["-topk8", "-passout", "pass:secret"];
  await make("pkcs8", ...locked, "-in", key("server"), "-out", key("locked"));
  const text = (file: string) => Bun.file(file).text();
  return Object.assign(folder, {
    pem,
    key,
    /** A certificate and its key, as texts. */
    pair: async (name: string) => ({
      cert: await text(pem(name)),
      key: await text(key(name)),
    }),
    ca: await text(pem("ca")),
  });
}

/** One that nobody signed, for tests that need no authority. */
export const identity = await selfSigned();

/** `8F:EA:…` */
export function fingerprintOf({ cert }: { cert: string }): string {
  return new X509Certificate(cert).fingerprint256;
}
