import { hostname } from "node:os";

import type { ServerTls } from "./layers/tls.ts";

const DAYS = 30;

/**
 * A certificate for one run, for this machine's names: nobody vouches for it,
 * so that clients need its fingerprint.
 */
export async function selfSigned(): Promise<ServerTls> {
  // Half a second to load, and few servers need it.
  const { generate } = await import("selfsigned");
  const names = ["localhost", hostname()].map((value) => ({ type: 2, value }));
  const addresses = ["127.0.0.1", "::1"].map((ip) => ({ type: 7, ip }));
  const made = await generate([{ name: "commonName", value: "sounder" }], {
    keyType: "ec",
    curve: "P-256",
    algorithm: "sha256",
    notAfterDate: new Date(Date.now() + DAYS * 24 * 3600e3),
    extensions: [
      { name: "subjectAltName", altNames: [...names, ...addresses] as never },
    ],
  });
  return { cert: made.cert, key: made.private };
}
