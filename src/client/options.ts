import {
  type Endpoint,
  formatEndpoint,
  isSecure,
  parseEndpoint,
} from "../address/endpoint.ts";
import { isAddress } from "../address/given.ts";
import { SounderError } from "../errors/errors.ts";
import {
  check,
  checkOptions,
  OBJECT,
  oneOf,
  readOption,
  type Rule,
  type Rules,
  SECRET,
  SWITCH,
  TEXT,
  TIME,
  TIME_OR_NONE,
  tracerOf,
} from "../socket/options.ts";
import { checkPair, firstCertificate } from "../socket/tls/pem.ts";
import type { ClientTls } from "../socket/tls/client.ts";
import type { Tracer } from "../socket/trace/tracer.ts";

/** How connect() is to connect. What is undefined has its default. */
export interface ConnectOptions {
  /** Milliseconds for one attempt. @default 10_000 */
  timeout?: number;
  /** Milliseconds for which a failed attempt is made again. @default 0 */
  retryFor?: number;
  /** For `tls://`: whom to trust, and who we are. */
  tls?: ClientTls | undefined;
  /** The version of a PROXY header to begin with. */
  sendProxy?: 1 | 2 | undefined;
  /** Is told each step of it. */
  trace?: Tracer | undefined;
}

const CALL = "connect()";

const ADDRESS: Rule = {
  holds: isAddress,
  wants: "an address: a string, or as parseEndpoint() gives it",
};

const CONNECT: Rules<ConnectOptions> = {
  timeout: TIME,
  retryFor: TIME_OR_NONE,
  tls: OBJECT,
  sendProxy: oneOf(1, 2),
  trace: tracerOf("client"),
};

const TLS: Rules<ClientTls> = {
  ca: TEXT,
  cert: TEXT,
  key: SECRET,
  serverName: TEXT,
  insecure: SWITCH,
  fingerprint: {
    holds: (value) =>
      typeof value === "string" &&
      /^[\da-f]{64}$/i.test(value.replaceAll(":", "")),
    wants: "a SHA-256: 64 hex digits",
  },
};

/**
 * Where to connect to, once all that was given is seen to make sense.
 * @throws SounderError `EOPTION`, `EADDRESS` or `ETLS`
 */
export function checkedTarget(
  address: string | Endpoint,
  options: ConnectOptions,
): Endpoint {
  check(CALL, "its address", address, ADDRESS);
  checkOptions(CALL, options, CONNECT);
  const target =
    typeof address === "string"
      ? readOption(CALL, () => parseEndpoint(address))
      : address;
  if (options.tls !== undefined) checkTls(target, options.tls);
  return target;
}

function checkTls(target: Endpoint, tls: ClientTls): void {
  checkOptions(CALL, tls, TLS, "tls");
  const given = Object.entries(tls).filter(([, value]) => value !== undefined);
  if (!isSecure(target) && given.length > 0) {
    throw new SounderError(
      `${CALL}: tls.${given[0]![0]} is given, but ${formatEndpoint(target)} ` +
        "does not begin with tls://",
      "EOPTION",
    );
  }
  const { ca, cert, key } = tls;
  const name = (option: string) => `the option tls.${option} of ${CALL}`;
  if ((cert === undefined) !== (key === undefined)) {
    throw new SounderError(
      `${CALL}: tls.cert and tls.key go together`,
      "EOPTION",
    );
  }
  if (cert !== undefined && key !== undefined) {
    checkPair({ cert, key }, { cert: name("cert"), key: name("key") });
  }
  if (ca !== undefined) firstCertificate(ca, name("ca"));
}
