import { codeOf } from "../../errors/errors.ts";
import { formatCount, plural } from "../../units.ts";
import { ALONE, type Finding, unknown } from "../finding.ts";
import type { Path } from "../path.ts";
import { askWho, tellsWho } from "../who.ts";
import type { Check, Tell } from "./check.ts";

/** Connections that are asked who serves them, and at once. */
const ASKED = 100;
const AT_ONCE = 4;
/** Milliseconds after which no more are. */
const BUDGET = 15_000;

/** A process that served some of them. */
interface Backend {
  instance: string;
  server: string;
  host: string;
  connections: number;
}

/** Who served how many. */
interface Tally {
  backends: Map<string, Backend>;
  /** Connections that failed, by code. */
  failed: Record<string, number>;
  /** Those that were answered by one that does not say who it is. */
  others: number;
}

/** Which instances serve, and what share of the connections each gets. */
export const backendsCheck: Check = {
  name: "backends",
  when: "last",
  async run(path, tell) {
    if (!tellsWho(path)) {
      const text = "an echo does not tell who sent it";
      return unknown(text, `${ALONE}; one with --reply info tells it, too`);
    }
    return findingOf(path, await tallyOf(path, tell));
  },
};

async function tallyOf(path: Path, tell: Tell): Promise<Tally> {
  const tally: Tally = { backends: new Map(), failed: {}, others: 0 };
  const until = performance.now() + BUDGET;
  let left = ASKED;
  const lane = async () => {
    while (left > 0 && performance.now() < until) {
      left -= 1;
      tell(`${ASKED - left} of ${ASKED}`);
      await askInto(tally, path);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return tally;
}

async function askInto(tally: Tally, path: Path): Promise<void> {
  try {
    const { info } = await askWho(path);
    const { instance, server, host } = info;
    const backend = tally.backends.get(instance);
    if (backend !== undefined) backend.connections += 1;
    else {
      const first = { instance, server, host, connections: 1 };
      tally.backends.set(instance, first);
    }
  } catch (error) {
    path.stop.throwIfAborted();
    const code = codeOf(error) ?? "EUNKNOWN";
    if (code === "EMISMATCH") tally.others += 1;
    else tally.failed[code] = (tally.failed[code] ?? 0) + 1;
  }
}

function findingOf(path: Path, { backends, failed, others }: Tally): Finding {
  const found = [...backends.values()].toSorted(
    (a, b) => b.connections - a.connections,
  );
  const count = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0);
  const served = count(found.map(({ connections }) => connections));
  const lost = count(Object.values(failed));
  const evidence = {
    asked: served + lost + others,
    instances: found.map((backend) => ({
      ...backend,
      share: backend.connections / served,
    })),
    others,
    failed,
    seen: [...path.instances],
  };
  if (served === 0) {
    const means = "it answered before: see connect and limit";
    return unknown("nobody said who it is", means, evidence);
  }
  const status = String(found.length);
  const value = found.length;
  const text = [
    sentenceOf(found, served),
    ...(others > 0
      ? [`${plural(others, "other")} went to one that does not cooperate`]
      : []),
    ...(lost > 0 ? [`${plural(lost, "other")} failed`] : []),
  ].join("; ");
  const rating = others + lost > 0 ? "notable" : "fine";
  const means = meansOf(path, found, { lost, others });
  return { status, value, rating, text, means, evidence };
}

function sentenceOf(found: readonly Backend[], served: number): string {
  const all = formatCount(served);
  const [first] = found;
  if (found.length === 1) {
    return `all of ${all} connections went to one process, ${nameOf(first!)}`;
  }
  const hosts = new Set(found.map(({ host }) => host));
  const shares = found.map(({ connections }) => connections).join(" : ");
  if (hosts.size === 1) {
    return `${found.length} processes on one host, ${first!.host}, shared ${all} connections ${shares}`;
  }
  const names = found.map(nameOf).join(", ");
  return `${found.length} instances shared ${all} connections ${shares}: ${names}`;
}

function nameOf({ server, host, instance }: Backend): string {
  const name = server === host ? host : `${server} on ${host}`;
  return `${name} (${instance})`;
}

function meansOf(
  path: Path,
  found: readonly Backend[],
  { lost, others }: { lost: number; others: number },
): string {
  if (others > 0) {
    return (
      "not every backend is one of ours that is started with --cooperate: what " +
      "other checks say may be of one kind, or of the other"
    );
  }
  if (lost > 0) {
    return (
      "a part of the connections fails: a backend may be down that a balancer " +
      "still sends connections to (HAProxy `check`, nginx `max_fails`)"
    );
  }
  if (found.length > 1) {
    return "who connects again may meet another one, and what it kept is not there";
  }
  const elsewhere = path.instances.size > 1 ? "; other checks met others" : "";
  return (
    "there is one backend, or a balancer keeps each client with one by its " +
    "address (HAProxy `balance source`, nginx `hash $remote_addr`, Kubernetes' " +
    `\`sessionAffinity: ClientIP\`), and others can't be seen from here${elsewhere}`
  );
}
