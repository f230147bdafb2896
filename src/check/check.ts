import { type Endpoint, parseEndpoint } from "../address/endpoint.ts";
import { isAddress } from "../address/given.ts";
import { SounderError } from "../errors/errors.ts";
import {
  check as checkOption,
  checkOptions,
  OBJECT,
  oneOf,
  readOption,
  type Rule,
  type Rules,
  SIGNAL,
  TEXT,
  TEXTS,
  TIME,
  TIME_OR_NONE,
} from "../options.ts";
import { checkClientTls } from "../socket/tls/client-options.ts";
import type { ClientTls } from "../socket/tls/client.ts";
import { CHECK_NAMES, type CheckName } from "./finding.ts";
import { parseExpected } from "./expect.ts";
import type { Reach } from "./path.ts";
import type { CheckResult } from "./result.ts";
import { examine } from "./examine.ts";
import type { Watcher } from "./run.ts";

/** What check() is to do. Times are milliseconds. */
export interface CheckOptions {
  /** The longest idle time that is looked for; 0: none. @default 60_000 */
  idle?: number | undefined;
  /** The most connections at once. @default 200 */
  connections?: number | undefined;
  /** How long one is held to see who ends it. @default none is */
  lifetime?: number | undefined;
  /** Bytes to transfer each way; 0: none. @default 64 MiB */
  transfer?: number | undefined;
  /** For a connection, and for an answer. @default 10_000 */
  timeout?: number | undefined;
  /** Runs these alone. */
  only?: readonly CheckName[] | undefined;
  /** Doesn't run these. */
  skip?: readonly CheckName[] | undefined;
  /** What the verdict is about, as `half-close=kept` or `idle>350s`. */
  expect?: readonly string[] | undefined;
  /** For `tls://`: whom to trust, and who we are. */
  tls?: ClientTls | undefined;
  /** The version of a PROXY header to begin each connection with. */
  sendProxy?: 1 | 2 | undefined;
  /** Is told in the result. */
  label?: string | undefined;
  /** Gives it up: it rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
}

const CALL = "check()";

const ADDRESS: Rule = {
  holds: isAddress,
  wants: "an address: a string, or as parseEndpoint() gives it",
};
const COUNT: Rule = {
  holds: (value) => Number.isSafeInteger(value) && Number(value) > 0,
  wants: "a whole number from 1 on",
};

const WHOLE_OR_NONE: Rule = {
  holds: (value) => Number.isSafeInteger(value) && Number(value) >= 0,
  wants: "a whole number from 0 on",
};

const RULES: Rules<CheckOptions> = {
  idle: TIME_OR_NONE,
  connections: COUNT,
  lifetime: TIME,
  transfer: WHOLE_OR_NONE,
  timeout: TIME,
  only: TEXTS,
  skip: TEXTS,
  expect: TEXTS,
  tls: OBJECT,
  sendProxy: oneOf(1, 2),
  label: TEXT,
  signal: SIGNAL,
};

export const DEFAULTS: Reach = {
  idle: 60_000,
  connections: 200,
  lifetime: undefined,
  transfer: 64 * 2 ** 20,
  timeout: 10_000,
};

const SILENT: Watcher = { planned() {}, began() {}, progress() {}, found() {} };

/**
 * Examines the path to an echo server, as `sounder check --json` does: what does
 * it do to a connection?
 *
 * @param address as on the command line
 * @returns the object that docs/check.schema.json describes
 * @throws SounderError that names why it can't be reached, or the option whose
 * value makes no sense; the signal's reason
 */
export async function check(
  address: string | Endpoint = "localhost",
  options: CheckOptions = {},
): Promise<CheckResult> {
  const target = checkedTarget(address, options);
  const { tls, sendProxy, only, skip, label, signal } = options;
  const expected = (options.expect ?? []).map((text) =>
    readOption(`${CALL}: expect`, () => parseExpected(text)),
  );
  signal?.throwIfAborted();
  const given = Object.entries(options).filter(
    ([name, value]) => Object.hasOwn(DEFAULTS, name) && value !== undefined,
  );
  const reach: Reach = { ...DEFAULTS, ...Object.fromEntries(given) };
  const approach = { tls, sendProxy };
  const chosen = { only, skip, expected, label: label ?? null };
  const { result, error } = await examine(
    { target, approach, reach, ...chosen },
    SILENT,
    signal ?? new AbortController().signal,
  );
  signal?.throwIfAborted();
  if (error !== undefined) throw error;
  return result;
}

/** @throws SounderError `EOPTION`, `EADDRESS` or `ETLS` */
function checkedTarget(
  address: string | Endpoint,
  options: CheckOptions,
): Endpoint {
  checkOption(CALL, "its address", address, ADDRESS);
  checkOptions(CALL, options, RULES);
  const target =
    typeof address === "string"
      ? readOption(CALL, () => parseEndpoint(address))
      : address;
  if (options.tls !== undefined) {
    checkClientTls({ call: CALL, option: "tls" }, target, options.tls);
  }
  for (const option of ["only", "skip"] as const) {
    const names = options[option] ?? [];
    const strange = names.find((name) => !CHECK_NAMES.includes(name));
    if (strange === undefined) continue;
    const known = CHECK_NAMES.join(", ");
    const why = `${CALL}: ${option}: there is no check "${strange}": ${known}`;
    throw new SounderError(why, "EOPTION");
  }
  return target;
}
