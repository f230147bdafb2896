import {
  type Endpoint,
  formatEndpoint,
  isSecure,
  type Listenable,
  parseEndpoint,
  parseListenable,
} from "../address/endpoint.ts";
import { isAddress, isListenable } from "../address/given.ts";
import { SounderError } from "../errors/errors.ts";
import { type AdmissionOptions, parseBlocks } from "../inbound/admission.ts";
import type { IdleTimeoutsOptions } from "../inbound/idle-timeouts.ts";
import type { ServerTls } from "../inbound/layers/tls.ts";
import { checkIdentity } from "../inbound/options.ts";
import type { PermitsOptions } from "../inbound/permits.ts";
import {
  checkOptions,
  COUNT,
  HOOK,
  OBJECT,
  readOption,
  oneOf,
  type Rules,
  SWITCH,
  TEXTS,
  TIME,
  WHOLE,
} from "../options.ts";
import type { ClientTls } from "../socket/tls/client.ts";
import { checkClientTls } from "../socket/tls/client-options.ts";
import type { ProxyHooks } from "./hooks.ts";

export interface ProxyOptions
  extends AdmissionOptions, PermitsOptions, IdleTimeoutsOptions, ProxyHooks {
  /** Where to listen, as on the command line. @default "127.0.0.1:0" */
  listen?: string | Listenable | undefined;
  /** Where to pass connections on to; its name is resolved for each of them. */
  target: string | Endpoint;
  /** As on the command line: `reset after 1MiB`. They stack in this order. */
  faults?: readonly string[] | undefined;
  /** What chance depends on, such as which of `on 10%`. @default 1 */
  seed?: number | undefined;
  /** Milliseconds for a connection to the target to stand. @default 10_000 */
  connectTimeout?: number | undefined;
  /**
   * Bytes held at most for all who don't read; then those connections that
   * stalled first are reset. @default no limit
   */
  maxPending?: number | undefined;
  /** To listen on a `tls://` address; without it, one is made for the run. */
  tls?: ServerTls | undefined;
  /** For a `tls://` target: whom to trust, and who we are. */
  targetTls?: ClientTls | undefined;
  /** Each connection must begin with a PROXY header, version 1 or 2. */
  proxyProtocol?: boolean | undefined;
  /** The version of a PROXY header about its client, which the target gets. */
  sendProxy?: 1 | 2 | undefined;
}

const CALL = "startProxy()";

const PROXY: Rules<ProxyOptions> = {
  listen: {
    holds: isListenable,
    wants: "an address: a string, or as parseEndpoint() gives it",
  },
  target: {
    holds: isAddress,
    wants: "an address: a string, or as parseEndpoint() gives it",
  },
  faults: TEXTS,
  seed: WHOLE,
  connectTimeout: TIME,
  maxConnections: COUNT,
  maxConnectionsPerIp: COUNT,
  maxPending: COUNT,
  allow: TEXTS,
  deny: TEXTS,
  idleTimeout: TIME,
  maxLifetime: TIME,
  tls: OBJECT,
  targetTls: OBJECT,
  proxyProtocol: SWITCH,
  sendProxy: oneOf(1, 2),
  onConnect: HOOK,
  onDisconnect: HOOK,
  onFault: HOOK,
  onFiles: HOOK,
  onReject: HOOK,
  onError: HOOK,
};

/** Where a proxy listens, and passes on to. */
export interface Places {
  place: Listenable;
  target: Endpoint;
}

/** @throws SounderError `EOPTION`, `EADDRESS`, `ECIDR` or `ETLS` */
export function checkProxy(options: ProxyOptions): Places {
  checkOptions(CALL, options, PROXY);
  const { listen = "127.0.0.1:0", target: to, tls, targetTls } = options;
  const { allow = [], deny = [] } = options;
  if (to === undefined) {
    throw new SounderError(`${CALL}: target is missing`, "EOPTION");
  }
  const place = readOption(`${CALL}: listen`, () =>
    typeof listen === "string" ? parseListenable(listen) : listen,
  );
  const target = readOption(`${CALL}: target`, () =>
    typeof to === "string" ? parseEndpoint(to) : to,
  );
  readOption(`${CALL}: allow`, () => parseBlocks(allow));
  readOption(`${CALL}: deny`, () => parseBlocks(deny));
  if (tls !== undefined) {
    checkIdentity(CALL, tls);
    if (!isSecure(place)) {
      throw new SounderError(
        `${CALL}: tls is given, but ${formatEndpoint(place)} does not begin ` +
          "with tls://",
        "EOPTION",
      );
    }
  }
  if (targetTls !== undefined) {
    checkClientTls({ call: CALL, option: "targetTls" }, target, targetTls);
  }
  return { place, target };
}
