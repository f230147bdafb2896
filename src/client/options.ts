import { type Endpoint, parseEndpoint } from "../address/endpoint.ts";
import { isAddress } from "../address/given.ts";
import {
  check,
  checkOptions,
  OBJECT,
  oneOf,
  readOption,
  SIGNAL,
  type Rule,
  type Rules,
  TIME,
  TIME_OR_NONE,
} from "../options.ts";
import { checkClientTls } from "../socket/tls/client-options.ts";
import type { ClientTls } from "../socket/tls/client.ts";
import { type Tracer, tracerOf } from "../socket/trace/tracer.ts";

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
  /** Gives it up: it rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
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
  signal: SIGNAL,
  trace: tracerOf("client"),
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
  if (options.tls !== undefined)
    checkClientTls({ call: CALL, option: "tls" }, target, options.tls);
  return target;
}
