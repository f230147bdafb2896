import {
  checkOptions,
  COUNT_OR_NONE,
  OBJECT,
  oneOf,
  type Rules,
  SECRET,
  SIGNAL,
  SWITCH,
  TEXT,
  TIME_OR_NONE,
} from "../options.ts";
import { checkPair, firstCertificate } from "../socket/tls/pem.ts";
import { type PeerQuery, SORT_KEYS } from "../status/peers.ts";
import type { ServerTls } from "./layers/tls.ts";

/** How long a stop may take. */
export interface DrainOptions {
  /** Milliseconds after which what is left is reset. @default 10_000 */
  drainTimeout?: number;
}

/** How stop() is to end. */
export interface StopOptions extends DrainOptions {
  /** Resets what is left as soon as it is aborted. */
  signal?: AbortSignal | undefined;
}

const IDENTITY: Rules<ServerTls> = { cert: TEXT, key: SECRET, clientCa: TEXT };

/**
 * @param call whose option it is, as `startServer()`
 * @throws SounderError `EOPTION`, or `ETLS` where TLS can't use it
 */
export function checkIdentity(call: string, tls: ServerTls): void {
  checkOptions(call, tls, IDENTITY, "tls");
  const { cert = "", key = "", clientCa } = tls;
  const name = (option: string) => `the option tls.${option} of ${call}`;
  checkPair({ cert, key }, { cert: name("cert"), key: name("key") });
  if (clientCa !== undefined) firstCertificate(clientCa, name("clientCa"));
}

/** @throws SounderError `EOPTION` */
export function checkStop(options: StopOptions): void {
  const rules = { drainTimeout: TIME_OR_NONE, signal: SIGNAL };
  checkOptions("stop()", options, rules);
}

/** Has a signal, where there is one, abort what another controls. */
export function abortedBy(
  signal: AbortSignal | undefined,
  controlled: AbortController,
): void {
  if (signal?.aborted) controlled.abort();
  signal?.addEventListener("abort", () => controlled.abort(), { once: true });
}

/** @throws SounderError `EOPTION` */
export function checkQuery(query: PeerQuery): void {
  const call = "snapshot()";
  const sort = OBJECT;
  checkOptions(call, query, { search: TEXT, limit: COUNT_OR_NONE, sort });
  if (query.sort === undefined) return;
  const rules = { by: oneOf(...SORT_KEYS), descending: SWITCH };
  checkOptions(call, query.sort, rules, "sort");
}
