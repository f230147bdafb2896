import { type Finding, unknown } from "../../finding.ts";
import type { Path } from "../../path.ts";
import type { Check } from "../check.ts";
import {
  bracketOf,
  contradictions,
  search,
  type Searched,
  searchOnOne,
} from "./search.ts";
import { deadWords, type Limits, noneWords } from "./words.ts";

/** After how long without a byte a connection dies, and whether it is told. */
export const idleCheck: Check = {
  name: "idle",
  when: "long",
  applies: ({ reach }) => reach.idle > 0,
  async run(path, tell) {
    if (path.target.kind === "unix") {
      return unknown(
        "a Unix socket has no path that could forget a connection",
        "only the server itself can end it: see its idle timeout",
      );
    }
    if (path.reach.idle === 0) {
      return unknown(
        "no idle time was to be looked for",
        "--idle 60s would show it",
      );
    }
    const limits = await serversLimits(path);
    const searched = path.known.oneAtATime
      ? [await searchOnOne(path, tell)]
      : await Promise.all(
          directionsOf(path).map((direction) => search(path, direction, tell)),
        );
    return findingOf(path, searched, limits);
  },
};

function directionsOf({ cooperates }: Path) {
  return cooperates
    ? (["from-client", "from-server"] as const)
    : (["from-client"] as const);
}

/** What the server itself does to those who are idle; null: it can't be asked. */
async function serversLimits(path: Path): Promise<Limits | null> {
  if (!path.cooperates) return null;
  await using asked = await path.ask<"quiet">({ ask: "quiet" });
  const { idleTimeout, maxLifetime } = asked.answer;
  return { idleTimeout, maxLifetime };
}

export function findingOf(
  path: Path,
  searched: readonly Searched[],
  limits: Limits | null,
): Finding {
  const fates = searched.flatMap((one) => one.fates);
  const brackets = searched.map(({ direction, fates: its }) => ({
    direction,
    ...bracketOf(its),
  }));
  const killed = brackets
    .flatMap((one) => one.killed ?? [])
    .toSorted((a, b) => a.seconds - b.seconds)[0];
  // In every direction that was looked at.
  const survived = Math.min(...brackets.map((one) => one.survived));
  const odd = contradictions(
    fates.filter(({ direction }) => direction === killed?.direction),
  );
  const keepalives = fates.filter(({ keepalives: count }) => (count ?? 0) > 0);
  const evidence = {
    survived,
    killed: killed?.seconds ?? null,
    how: killed?.result ?? null,
    atUse: killed?.atUse ?? null,
    directions: brackets.map(
      ({ direction, survived: alive, killed: dead }) => ({
        direction,
        survived: alive,
        killed: dead?.seconds ?? null,
      }),
    ),
    rungs: fates.toSorted((a, b) => a.seconds - b.seconds),
    untried: searched.reduce((sum, { untried }) => sum + untried, 0),
    keepalives: keepalives.length,
    server: limits,
  };
  if (fates.length === 0) {
    return unknown(
      "no connection could be held idle",
      "the limit check tells how many are served at once",
      evidence,
    );
  }
  const seen = { path, survived, killed, odd, keepalives, limits, brackets };
  const words =
    killed === undefined ? noneWords(seen) : deadWords(seen, killed);
  return { value: survived, ...words, evidence };
}
