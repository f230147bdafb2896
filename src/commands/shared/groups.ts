/** Groups of flags that several commands have. */
import { adminEndpoint } from "../../admin/endpoint.ts";
import { parseBlocks } from "../../inbound/admission.ts";
import { ACTIONS } from "../../protocol/faults/fault.ts";
import { parseFault } from "../../protocol/faults/parse.ts";
import {
  choice,
  count,
  duration,
  list,
  parsed,
  present,
  size,
  text,
  timeLimit,
} from "./flags.ts";
import { group } from "./group.ts";

/** Who is served, how long, and for how much memory. */
export const LIMITS = group("Limits:", {
  maxConnections: count(
    "--max-connections <count>",
    "connections at once (default: as open files allow)",
  ),
  maxConnectionsPerIp: count(
    "--max-connections-per-ip <count>",
    "of one address (IPv6: of a /64), for each worker",
  ),
  idleTimeout: timeLimit(
    "--idle-timeout <duration>",
    "close connections that are idle for so long (default: off)",
  ),
  maxLifetime: timeLimit(
    "--max-lifetime <duration>",
    "close connections that are open for so long (default: off)",
  ),
  maxPending: size(
    "--max-pending <size>",
    "bytes held for all peers that don't read",
    0,
  ).or(256 * 2 ** 20),
  allow: list(
    "--allow <cidr>",
    "accept only these addresses; may be repeated",
    blocks,
  ),
  deny: list(
    "--deny <cidr>",
    "refuse these addresses; may be repeated",
    blocks,
  ),
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
    "want a certificate of clients, signed by this authority",
  ),
});

/** Whom a server believes who a connection is from. */
export const PROXIES = group(TRANSPORT, {
  proxyProtocol: present(
    "--proxy-protocol",
    "connections begin with a PROXY header, of the proxies that --allow names",
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
    "the name that the certificate must be for",
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

/** What is done to connections on purpose. */
export const FAULTS = group("Faults:", {
  fault: list(
    "--fault <fault>",
    'what to do to connections, as "reset after 1MiB"; may be repeated, they stack in this order',
    (written) => {
      parseFault(written);
      return written;
    },
  ).suggest(ACTIONS),
  seed: parsed(
    "--seed <number>",
    'what chance depends on, as in "on 10%"',
    (written) => {
      if (/^-?\d{1,15}$/.test(written)) return Number(written);
      throw new RangeError(`"${written}" is not a whole number`);
    },
  ).or(1),
});

export const TRACE = group("Pictures:", {
  trace: present("--trace", "tell every step of a connection as it happens"),
  traceJson: text(
    "--trace-json <file>",
    "each step as a line of JSON, for sounder report",
  ),
  diagram: text(
    "--diagram <file>",
    "draw the conversation at its end: .svg, .html, .mmd (Mermaid) or .txt",
  ),
  diagramBytes: size(
    "--diagram-bytes <size>",
    "how many bytes of each write and read are shown; 0: none",
    0,
  ).or(24),
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
    "metrics, health and a live page, at PORT, HOST:PORT or unix:PATH (default: off)",
    adminEndpoint,
  ),
  adminHost: list(
    "--admin-host <name>",
    "another name for it in URLs; may be repeated",
    (name) => name,
  ),
});

export const DRAIN = group("Operation:", {
  drainTimeout: duration(
    "--drain-timeout <duration>",
    "how long a stop may take",
  ).or(10_000),
  drainDelay: duration(
    "--drain-delay <duration>",
    "be not ready for so long before a stop",
  ).or(0),
});

/** Files that openOutputs() opens. */
export const JSON_FILE = group("Results:", {
  json: text("--json <file>", "the result as JSON; - is standard output"),
});

export const HTML_FILE = group("Results:", {
  html: text("--html <file>", "a report to look at, in one file"),
});
