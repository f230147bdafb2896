import type { Endpoint } from "../../address/endpoint.ts";
import type { Approach } from "../../socket/dial/dial.ts";
import type { FlagsOf } from "./group.ts";
import { APPROACH } from "./groups.ts";
import { readCertificate, readPair, readPem } from "./pem-files.ts";
import { mistake } from "./mistake.ts";

/**
 * How to come to the target, as the flags say.
 * @throws CommanderError if they don't fit together
 * @throws SounderError if a file can't be used
 */
export function approachOf(
  flags: FlagsOf<[typeof APPROACH]>,
  target: Endpoint | undefined,
): Approach {
  const given = Object.values(APPROACH.flags).filter(
    (flag) => flags[flag.attributeName() as keyof typeof flags] !== undefined,
  );
  const useless = given.find(({ long }) => long!.startsWith("--tls-"));
  if (target?.kind !== "tls" && useless !== undefined) {
    throw mistake(`${useless.long} wants an address that begins with tls://`);
  }
  const { tlsCa, tlsCert, tlsKey, tlsFingerprint } = flags;
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    throw mistake("--tls-cert and --tls-key go together");
  }
  if (tlsFingerprint !== undefined && !isFingerprint(tlsFingerprint)) {
    throw mistake(
      `--tls-fingerprint: "${tlsFingerprint}" is not a SHA-256: 64 hex digits`,
    );
  }
  if (tlsCa !== undefined) readCertificate(tlsCa);
  const pair = tlsCert && tlsKey ? readPair(tlsCert, tlsKey) : {};
  return {
    tls: {
      ...pair,
      ca: tlsCa && readPem(tlsCa),
      serverName: flags.tlsServerName,
      fingerprint: tlsFingerprint,
      insecure: flags.tlsInsecure,
    },
    sendProxy: flags.sendProxy && (flags.sendProxy === "v1" ? 1 : 2),
  };
}

function isFingerprint(text: string): boolean {
  return /^[\da-f]{64}$/i.test(text.replaceAll(":", ""));
}
