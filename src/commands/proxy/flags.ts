import { text, timeLimit } from "../shared/flags.ts";
import { type FlagsOf, group } from "../shared/group.ts";
import {
  ADMIN,
  APPROACH,
  FAULTS,
  IDENTITY,
  LIMITS,
  LOG,
  PROXIES,
  DRAIN,
} from "../shared/groups.ts";

const { tlsCa, tlsServerName, tlsFingerprint, tlsInsecure, sendProxy } =
  APPROACH.flags;

/** How it comes to its target. */
export const TARGET = group("TLS and PROXY:", {
  tlsCa,
  tlsServerName,
  tlsFingerprint,
  tlsInsecure,
  tlsTargetCert: text(
    "--tls-target-cert <file>",
    "the certificate to show to the target, if asked for one",
  ),
  tlsTargetKey: text("--tls-target-key <file>", "its key"),
  sendProxy,
});

const FAULT_CA = group("TLS and PROXY:", {
  tlsFaultCa: text(
    "--tls-fault-ca <file>",
    "is written: what clients are to trust, so that nothing is wrong but a fault",
  ),
});

const CONNECT = group("Limits:", {
  connectTimeout: timeLimit(
    "--connect-timeout <duration>",
    "for a connection to the target to stand",
  ).or(10_000),
});

const TOKEN = group("Operation:", {
  adminToken: text(
    "--admin-token <file>",
    "holds what who changes faults has to say (default: $SOUNDER_ADMIN_TOKEN)",
  ),
});

export const GROUPS = [
  FAULTS,
  LIMITS,
  CONNECT,
  IDENTITY,
  TARGET,
  FAULT_CA,
  PROXIES,
  LOG,
  ADMIN,
  TOKEN,
  DRAIN,
] as const;

export type ProxyFlags = FlagsOf<typeof GROUPS>;
