import {
  type Endpoint,
  formatEndpoint,
  parseEndpoint,
} from "../address/endpoint.ts";
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
} from "../options.ts";
import { thisHost } from "../result/this-host.ts";
import { checkClientTls } from "../socket/tls/client-options.ts";
import type { ClientTls } from "../socket/tls/client.ts";
import { CHECKS } from "./checks/all.ts";
import { CHECK_NAMES, type CheckName } from "./finding.ts";
import { Path, type Reach } from "./path.ts";
import type { CheckResult } from "./result.ts";
import { runChecks, type Watcher } from "./run.ts";
import { reasonsIn } from "./verdict.ts";

/** What check() is to do. Times are milliseconds. */
export interface CheckOptions {
  /** The longest idle time that is looked for. @default 60_000 */
  idle?: number | undefined;
  /** The most connections at once. @default 200 */
  connections?: number | undefined;
  /** How long one is held to see who ends it. @default none is */
  lifetime?: number | undefined;
  /** Bytes to transfer each way. @default 64 MiB */
  transfer?: number | undefined;
  /** For a connection, and for an answer. @default 10_000 */
  timeout?: number | undefined;
  /** Runs these alone. */
  only?: readonly CheckName[] | undefined;
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

const RULES: Rules<CheckOptions> = {
  idle: TIME,
  connections: COUNT,
  lifetime: TIME,
  transfer: COUNT,
  timeout: TIME,
  only: TEXTS,
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
 * @throws SounderError that names why it can't be examined, or the option whose
 * value makes no sense; the signal's reason
 */
export async function check(
  address: string | Endpoint = "localhost",
  options: CheckOptions = {},
): Promise<CheckResult> {
  const target = checkedTarget(address, options);
  const { tls, sendProxy, only, label, signal } = options;
  signal?.throwIfAborted();
  const given = Object.entries(options).filter(
    ([name, value]) => Object.hasOwn(DEFAULTS, name) && value !== undefined,
  );
  const reach: Reach = { ...DEFAULTS, ...Object.fromEntries(given) };
  const result = await examine(
    { target, approach: { tls, sendProxy }, reach, only, label: label ?? null },
    SILENT,
    signal ?? new AbortController().signal,
  );
  signal?.throwIfAborted();
  return result;
}

/** What is to be examined, and how. */
export interface Examination {
  target: Endpoint;
  approach: Path["approach"];
  reach: Reach;
  only: readonly CheckName[] | undefined;
  label: string | null;
}

/**
 * @param stop ends it: what was found until then is in the result
 * @throws SounderError where it can't be examined
 */
export async function examine(
  { target, approach, reach, only, label }: Examination,
  watcher: Watcher,
  stop: AbortSignal,
): Promise<CheckResult> {
  const started = new Date().toISOString();
  const since = performance.now();
  const path = new Path(target, approach, reach, stop);
  const chosen = CHECKS.filter((one) =>
    only === undefined
      ? (one.applies?.(path) ?? true)
      : only.includes(one.name),
  );
  const checks = await runChecks(path, chosen, watcher);
  const reasons = reasonsIn(checks);
  const cut = stop.aborted && checks.length < chosen.length;
  const { idle, connections, lifetime, transfer } = reach;
  const { reply, cooperates } = path.known;
  return {
    version: 1,
    kind: "check",
    target: formatEndpoint(target),
    started,
    seconds: (performance.now() - since) / 1000,
    options: {
      idle: idle / 1000,
      lifetime: lifetime === undefined ? null : lifetime / 1000,
      connections,
      transfer,
    },
    server: {
      cooperates,
      reply: reply ?? null,
      instances: [...path.instances],
    },
    checks,
    expectations: [],
    warnings: [],
    host: thisHost(),
    label,
    verdict: reasons.length > 0 ? "fail" : cut ? "interrupted" : "pass",
    reasons,
  };
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
  const strange = options.only?.find((name) => !CHECK_NAMES.includes(name));
  if (strange !== undefined) {
    const names = CHECK_NAMES.join(", ");
    const why = `${CALL}: only: there is no check "${strange}": ${names}`;
    throw new SounderError(why, "EOPTION");
  }
  return target;
}
