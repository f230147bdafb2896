/** Groups of flags that several commands have. */
import { adminEndpoint } from "../../admin/listen.ts";
import { parseBlocks } from "../../inbound/admission.ts";
import {
  choice,
  count,
  list,
  parsed,
  present,
  size,
  text,
  timeLimit,
} from "./flags.ts";
import { group } from "./group.ts";

/** What is listened for and who is served. */
export const LIMITS = group("Limits:", {
  maxConnections: count(
    "--max-connections <count>",
    "at once (default: as open files allow)",
  ),
  maxConnectionsPerIp: count(
    "--max-connections-per-ip <count>",
    "at once from an address (IPv6: a /64), for each worker",
  ),
  idleTimeout: timeLimit(
    "--idle-timeout <duration>",
    "end what has been idle so long (default: off)",
  ),
  maxLifetime: timeLimit(
    "--max-lifetime <duration>",
    "end what has been open so long (default: off)",
  ),
  maxPending: size(
    "--max-pending <size>",
    "held for peers that don't read, in all",
    0,
  ).or(256 * 2 ** 20),
  allow: list("--allow <cidr>", "let in nobody else; may be repeated", blocks),
  deny: list("--deny <cidr>", "don't let in; may be repeated", blocks),
});

/** Blocks of addresses: several in one, or the flag several times. */
function blocks(written: string): string[] {
  const all = written.split(",");
  parseBlocks(all);
  return all;
}

const TRANSPORT = "TLS and PROXY:";

/** Who a server is; readIdentity() reads it. */
export const IDENTITY = group(TRANSPORT, {
  tlsCert: text("--tls-cert <file>", "for tls:// (default: one for this run)"),
  tlsKey: text("--tls-key <file>", "its key; both are read again at SIGHUP"),
  tlsClientCa: text(
    "--tls-client-ca <file>",
    "ask clients for a certificate of this",
  ),
});

/** How a client comes to its server; approachOf() reads it. */
export const APPROACH = group(TRANSPORT, {
  tlsCa: text("--tls-ca <file>", "trust what these authorities signed"),
  tlsCert: text(
    "--tls-cert <file>",
    "the certificate to show, if asked for one",
  ),
  tlsKey: text("--tls-key <file>", "its key"),
  tlsServerName: text(
    "--tls-server-name <name>",
    "whose the certificate must be",
  ),
  tlsFingerprint: text(
    "--tls-fingerprint <sha256>",
    "trust this one certificate, and no other",
  ).conflicts("tlsInsecure"),
  tlsInsecure: present("--tls-insecure", "trust any certificate"),
  sendProxy: choice(
    "--send-proxy <version>",
    "begin each connection with a PROXY header",
    ["v1", "v2"],
  ),
});

export const TRACE = group("Operation:", {
  trace: present("--trace", "tell every step of a connection as it happens"),
});

export const LOG = group("Operation:", {
  log: choice("--log <how>", "who connects and who leaves, on stderr", [
    "text",
    "json",
    "off",
  ]).or("text"),
});

export const ADMIN = group("Operation:", {
  admin: parsed(
    "--admin <address>",
    "metrics, health and a live page over HTTP (default: off)",
    adminEndpoint,
  ),
  adminHost: list(
    "--admin-host <name>",
    "another name it may be asked for; may be repeated",
    (name) => name,
  ),
});

/** Where results go; openOutputs() opens them. */
export const RESULTS = group("Results:", {
  json: text("--json <file>", "the result as JSON; - is standard output"),
  html: text("--html <file>", "a report to look at, in one file"),
});
