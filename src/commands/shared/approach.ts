import { type Command, Option } from "commander";

import type { Approach } from "../../socket/dial/dial.ts";
import type { Endpoint } from "../../address/endpoint.ts";
import { readCertificate, readPair, readPem } from "./identity.ts";

/** The flags that client and load have in common. */
export interface ApproachFlags {
  tlsCa?: string;
  tlsCert?: string;
  tlsKey?: string;
  tlsServerName?: string;
  tlsFingerprint?: string;
  tlsInsecure?: true;
  sendProxy?: "v1" | "v2";
}

const TLS_FLAGS = [
  "tlsCa",
  "tlsCert",
  "tlsKey",
  "tlsServerName",
  "tlsFingerprint",
  "tlsInsecure",
] as const;

export function approachOptions(command: Command): Command {
  return command
    .optionsGroup("TLS and PROXY:")
    .option("--tls-ca <file>", "trust what these authorities signed")
    .option("--tls-cert <file>", "the certificate to show, if asked for one")
    .option("--tls-key <file>", "its key")
    .option("--tls-server-name <name>", "whose the certificate must be")
    .addOption(
      new Option(
        "--tls-fingerprint <sha256>",
        "trust this one certificate, and no other",
      ).conflicts("tlsInsecure"),
    )
    .option("--tls-insecure", "trust any certificate")
    .addOption(
      new Option(
        "--send-proxy <version>",
        "begin each connection with a PROXY header",
      ).choices(["v1", "v2"]),
    );
}

/** @throws SounderError if a file can't be used */
export function readApproach(
  flags: ApproachFlags,
  target: Endpoint | undefined,
  command: Command,
): Approach {
  const secure = target?.kind === "tls";
  const useless = TLS_FLAGS.find((flag) => flags[flag] !== undefined);
  if (!secure && useless !== undefined) {
    const name = useless.replaceAll(/[A-Z]/g, (big) => `-${big.toLowerCase()}`);
    command.error(`--${name} wants an address that begins with tls://`);
  }
  const { tlsCa, tlsCert, tlsKey, tlsFingerprint } = flags;
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    command.error("--tls-cert and --tls-key go together");
  }
  if (tlsFingerprint !== undefined && !isFingerprint(tlsFingerprint)) {
    command.error(
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
