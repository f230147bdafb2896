import {
  formatEndpoint,
  isSecure,
  type Listenable,
  parseListenable,
} from "../address/endpoint.ts";
import { isListenable } from "../address/given.ts";
import { SounderError } from "../errors/errors.ts";
import {
  checkOptions,
  COUNT,
  COUNT_OR_NONE,
  HOOK,
  OBJECT,
  oneOf,
  readOption,
  type Rules,
  SWITCH,
  TEXT,
  TEXTS,
  TIME,
  WHOLE,
} from "../options.ts";
import { checkedFaults } from "../inbound/faults/checked.ts";
import { checkIdentity } from "../inbound/options.ts";
import type { ServerTls } from "../inbound/layers/tls.ts";
import { type Tracer, tracerOf } from "../socket/trace/tracer.ts";
import { type AdmissionOptions, parseBlocks } from "../inbound/admission.ts";
import type { IdleTimeoutsOptions } from "../inbound/idle-timeouts.ts";
import type { ServerHooks } from "./hooks.ts";
import type { PermitsOptions } from "../inbound/permits.ts";
import { REPLY_KINDS, type ReplyKind } from "../protocol/reply.ts";

/** How startServer() is to serve. What is undefined has its default. */
export interface ServerOptions
  extends AdmissionOptions, PermitsOptions, IdleTimeoutsOptions, ServerHooks {
  /** Where to listen, as on the command line; port 0 is a free one. */
  addresses?: readonly (string | Listenable)[];
  /** @default "stamp" */
  reply?: ReplyKind;
  /** What it calls itself in `info` and to a check. @default the host's name */
  name?: string | undefined;
  /**
   * Whether it answers the questions of `check`; with `"transfer"`, also one for
   * more bytes than it was sent. It tells addresses to whoever asks.
   * @default false
   */
  cooperate?: boolean | "transfer" | undefined;
  /**
   * Bytes held at most for all peers that don't read; then those that stalled
   * first are reset. @default no limit
   */
  maxPending?: number | undefined;
  /** For `tls://` addresses; without it, one is made for the run. */
  tls?: ServerTls | undefined;
  /** Every connection must begin with a PROXY header, version 1 or 2. */
  proxyProtocol?: boolean | undefined;
  /** Shares its ports with other processes that do the same. */
  reusePort?: boolean | undefined;
  /**
   * As on the command line: `reset after 1MiB`. They stack in this order, and
   * can be others at any time: `server.faults`.
   */
  faults?: readonly string[] | undefined;
  /** What their chance depends on, such as which of `on 10%`. @default 1 */
  seed?: number | undefined;
  /** Is told each step of every connection. */
  trace?: Tracer | undefined;
}

const SERVER: Rules<ServerOptions> = {
  addresses: {
    holds: (value) =>
      Array.isArray(value) && value.length > 0 && value.every(isListenable),
    wants: "addresses, one at least: strings, or as parseEndpoint() gives them",
  },
  reply: oneOf(...REPLY_KINDS),
  name: TEXT,
  cooperate: oneOf(true, false, "transfer"),
  maxConnections: COUNT,
  maxConnectionsPerIp: COUNT,
  maxPending: COUNT,
  allow: TEXTS,
  deny: TEXTS,
  idleTimeout: TIME,
  maxLifetime: TIME,
  tls: OBJECT,
  proxyProtocol: SWITCH,
  reusePort: SWITCH,
  faults: TEXTS,
  seed: WHOLE,
  onConnect: HOOK,
  onDisconnect: HOOK,
  onFiles: HOOK,
  onReject: HOOK,
  onFault: HOOK,
  onError: HOOK,
  trace: tracerOf("server"),
};

/** @throws SounderError `EOPTION`, `EADDRESS`, `ECIDR` or `ETLS` */
export function checkServer(options: ServerOptions): void {
  const call = "startServer()";
  checkOptions(call, options, SERVER);
  const { addresses = [], allow = [], deny = [], tls } = options;
  const places = readOption(`${call}: addresses`, () => addresses.map(placeOf));
  readOption(`${call}: allow`, () => parseBlocks(allow));
  readOption(`${call}: deny`, () => parseBlocks(deny));
  checkedFaults(`${call}: faults`, options.faults ?? [], places);
  if (tls === undefined) return;
  checkIdentity(call, tls);
  checkUse(call, places);
}

/**
 * Of what one of several processes that make a server is to do: the whole was
 * checked, and its part of a limit may be none.
 * @throws SounderError `EOPTION`
 */
export function checkPart(options: ServerOptions): void {
  checkOptions("startServer()", options, {
    ...SERVER,
    maxConnections: COUNT_OR_NONE,
    maxPending: COUNT_OR_NONE,
  });
}

/** For useTls(). @throws SounderError as checkServer() */
export function checkRenewal(
  tls: ServerTls,
  places: readonly Listenable[],
): void {
  checkIdentity("useTls()", tls);
  checkUse("useTls()", places);
}

function checkUse(call: string, places: readonly Listenable[]): void {
  if (places.some(isSecure)) return;
  throw new SounderError(
    `${call}: tls is given, but no address begins with tls://: ` +
      places.map(formatEndpoint).join(", "),
    "EOPTION",
  );
}

export function placeOf(address: string | Listenable): Listenable {
  return typeof address === "string" ? parseListenable(address) : address;
}
