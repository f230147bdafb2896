import type { Endpoint } from "../../../address/endpoint.ts";
import { resolve } from "../../../socket/resolve.ts";
import { formatDuration, formatTime } from "../../../units.ts";
import type { Finding } from "../../finding.ts";
import type { Path } from "../../path.ts";
import type { Check } from "../check.ts";
import { type Attempt, attempt, familyOf, type Failure } from "./attempt.ts";

/** Of so many connections to an address, the fastest counts. */
const TRIES = 3;
/** Addresses that are tried at once where they may be silent. */
const AT_ONCE = 4;

/** All that was seen of one address. */
interface Tried {
  address: string;
  family: string;
  attempts: Attempt[];
}

/** How long a connection takes, to each address of the name. */
export const connectCheck: Check = {
  name: "connect",
  when: "first",
  async run(path, tell) {
    const addresses = await resolve(path.target);
    const count = addresses.length;
    if (count > 1) tell(`${count} addresses`);
    return connectTo(path, addresses);
  },
};

/** @param addresses those of the target's name */
export async function connectTo(
  path: Path,
  addresses: readonly Endpoint[],
): Promise<Finding> {
  return findingOf(path, await tryAll(path, addresses));
}

/** Each address on its own; those that fail twice, since one try is no proof. */
async function tryAll(
  path: Path,
  addresses: readonly Endpoint[],
): Promise<Tried[]> {
  const { timeout } = path.reach;
  const all = addresses.map((address) => ({
    address,
    tried: {
      address: address.kind === "unix" ? address.path : address.host,
      family: familyOf(address),
      attempts: [] as Attempt[],
    },
  }));
  const waiting = [...all];
  const lane = async () => {
    for (let next; (next = waiting.shift()) !== undefined;) {
      const { attempts } = next.tried;
      attempts.push(await attempt(path, next.address, timeout / 2));
      if (attempts[0]!.failed === undefined) continue;
      attempts.push(await attempt(path, next.address, timeout));
    }
  };
  const lanes = path.known.oneAtATime ? 1 : AT_ONCE;
  await Promise.all(Array.from({ length: lanes }, lane));
  // Those that work are measured alone.
  for (const { address, tried } of all) {
    const { attempts } = tried;
    if (attempts.at(-1)!.failed !== undefined) continue;
    while (attempts.length < TRIES) {
      attempts.push(await attempt(path, address, timeout));
    }
  }
  return all.map(({ tried }) => tried);
}

/** One address, as it is told. */
interface Told {
  address: string;
  family: string;
  /** Milliseconds of the fastest connection; null where there was none. */
  ms: number | null;
  tlsMs: number | null;
  rttMs: number | null;
  error: string | null;
  kind: Failure | null;
  /** Connections that failed, and that were tried. */
  failed: number;
  attempts: number;
  /** SYNs that were sent again. */
  retransmits: number;
  tls: string | null;
}

function toldOf({ address, family, attempts }: Tried): Told {
  const good = attempts.filter(({ failed }) => failed === undefined);
  const least = (of: "ms" | "tlsMs" | "rttMs") => {
    const values = good.flatMap((one) => one[of] ?? []);
    // To the microsecond: nothing is known any better.
    const rounded = values.map((value) => Math.round(value * 1000) / 1000);
    return rounded.length > 0 ? Math.min(...rounded) : null;
  };
  const last = attempts.at(-1)!.failed;
  return {
    address,
    family,
    ms: least("ms"),
    tlsMs: least("tlsMs"),
    rttMs: least("rttMs"),
    error: good.length > 0 ? null : last!.error,
    kind: good.length > 0 ? null : last!.kind,
    failed: attempts.length - good.length,
    attempts: attempts.length,
    retransmits: Math.max(...attempts.map((one) => one.retransmits ?? 0)),
    tls: good[0]?.tls ?? null,
  };
}

function findingOf(path: Path, tried: readonly Tried[]): Finding {
  const told = tried.map(toldOf);
  // What this machine can't reach at all is no fault of the path's.
  const reached = told.filter(({ kind }) => kind !== "unreachable");
  const good = reached.filter(({ kind }) => kind === null);
  const bad = reached.filter(({ kind }) => kind !== null);
  const evidence = { addresses: told };
  const text = told.map(sentenceOf).join("; ");
  if (good.length === 0) return none(bad, text, evidence);
  const value = Math.max(...good.map(({ ms }) => ms!)) / 1000;
  if (bad.length > 0) {
    return { ...partly(bad, path), status: "partly", value, text, evidence };
  }
  return { ...whole(good), status: "ok", value, text, evidence };
}

function sentenceOf(told: Told): string {
  const { address, ms, tlsMs, tls, kind, error, failed, attempts } = told;
  switch (kind) {
    case null: {
      const time = formatTime(ms! * 1000);
      const secure =
        tlsMs === null ? "" : `, ${tls} in ${formatTime(tlsMs * 1000)} more`;
      const lost = failed > 0 ? `, ${failed} of ${attempts} tries failed` : "";
      return `${address} connected in ${time}${secure}${lost}`;
    }
    case "unreachable":
      return `${address} can't be reached from this machine`;
    case "refused":
      return `${address} refused`;
    case "silent":
      return `${address} did not answer`;
    case "unanswered":
      return `${address} connected, and did not send a line back: ${error}`;
    case "failed":
      return `${address} failed: ${error}`;
  }
}

function whole(good: readonly Told[]): Pick<Finding, "rating" | "means"> {
  const failed = good.find((one) => one.failed > 0);
  if (failed !== undefined) {
    const means =
      "some connections fail and others do not: a backend may be down that a " +
      "balancer still sends connections to (HAProxy `check`, nginx `max_fails`)";
    return { rating: "notable", means };
  }
  const again = good.find(({ retransmits }) => retransmits > 0);
  if (again !== undefined) {
    const means =
      `a SYN to ${again.address}, or its answer, was lost and sent again after ` +
      "1 s: packets get lost, or the server's queue of connections is short " +
      "(`somaxconn`, the backlog of listen())";
    return { rating: "notable", means };
  }
  return { rating: "fine", means: "every address of the name serves" };
}

function partly(
  bad: readonly Told[],
  path: Path,
): Pick<Finding, "rating" | "means"> {
  const waits = bad.some(
    ({ kind }) => kind === "silent" || kind === "unanswered",
  );
  const names = bad.map(({ address }) => address).join(", ");
  const limit = formatDuration(path.reach.timeout);
  const means = waits
    ? `clients that try one address after the other wait at ${names} until ` +
      `their own limit (${limit} here, 2 minutes by default on Linux), unless ` +
      "they race addresses (RFC 8305); let the name have only addresses that " +
      "serve, or let the server listen on them"
    : `clients lose a round trip at ${names}, and those that try only the ` +
      "first address of a name fail; let the server listen there (`[::]` is " +
      "both families), or take the address out of the name";
  return { rating: waits ? "harmful" : "notable", means };
}

/** It has answered before the checks began. */
function none(
  bad: readonly Told[],
  text: string,
  evidence: Record<string, unknown>,
): Finding {
  const kinds = new Set(bad.map(({ kind }) => kind));
  const [kind] = kinds;
  const isOne = kinds.size === 1 && (kind === "refused" || kind === "silent");
  const means =
    "it answered a moment ago, and does not any more: a server that serves one " +
    "connection and ends (ncat without --keep-open), one that has stopped, or a " +
    "guard that shuts out who connects often (fail2ban, a limit of connections)";
  const status = isOne ? kind : "failed";
  return { status, rating: "harmful", text, means, evidence };
}
