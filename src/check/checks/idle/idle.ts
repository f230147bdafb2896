import { type Finding, unknown } from "../../finding.ts";
import type { Path } from "../../path.ts";
import type { Check } from "../check.ts";
import { bracketOf, contradictions } from "./bracket.ts";
import type { Fate } from "./resting.ts";
import { timeOfAnswer } from "./round.ts";
import { search, type Searched, searchOnOne } from "./search.ts";
import {
  deadWords,
  doubtWords,
  type Limits,
  noneWords,
  type Seen,
} from "./words.ts";

/** How long an answer, or what the server says, is awaited, in milliseconds. */
const PATIENCE = 4000;
/** And as many times as long as it takes where nothing lies idle. */
const SLOWER = 4;

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
    const control = await answeredAtOnce(path);
    if (typeof control !== "number") return notEvenAtOnce(control);
    const { timeout } = path.reach;
    const patience = Math.max(Math.min(PATIENCE, timeout), SLOWER * control);
    const searched = path.known.oneAtATime
      ? [await searchOnOne(path, patience, tell)]
      : await Promise.all(
          directionsOf(path).map((direction) =>
            search(path, direction, patience, tell),
          ),
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

/** As timeOfAnswer(); one connection may fail. */
async function answeredAtOnce(path: Path): Promise<number | Fate> {
  const first = await timeOfAnswer(path);
  return typeof first === "number" ? first : timeOfAnswer(path);
}

function notEvenAtOnce(fate: Fate): Finding {
  const text =
    fate.result === "silent"
      ? "a second line has no answer even where it follows at once"
      : "a connection ends after its first line, before it could be idle";
  return unknown(
    text,
    "the server does not go on with a connection: one that echoes all lines would show idle times",
    { rungs: [fate] },
  );
}

export function findingOf(
  path: Path,
  searched: readonly Searched[],
  limits: Limits | null,
): Finding {
  const tried = searched.filter(({ fates }) => fates.length > 0);
  const fates = tried.flatMap((one) => one.fates);
  const strays = searched.flatMap((one) => one.strays);
  const busy = searched.flatMap((one) => one.busy);
  const untried = searched.reduce((sum, one) => sum + one.untried, 0);
  if (fates.length === 0) {
    return unknown(
      "no connection could be held idle",
      "the limit check tells how many are served at once",
      { rungs: strays, untried, server: limits },
    );
  }
  const brackets = tried.map(({ direction, fates: its }) => ({
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
  const seen = { path, survived, killed, odd, keepalives, limits, brackets };
  const unsure = tried.some((one) => one.unsure.includes(killed!));
  const isInDoubt =
    unsure || busy.length > 0 || (killed === undefined && strays.length > 0);
  const sure = isInDoubt ? undefined : killed;
  const evidence = {
    survived,
    killed: sure?.seconds ?? null,
    how: sure?.result ?? null,
    atUse: sure?.atUse ?? null,
    directions: brackets.map(
      ({ direction, survived: alive, killed: dead }) => ({
        direction,
        survived: alive,
        killed: dead?.seconds ?? null,
      }),
    ),
    rungs: fates.concat(strays).toSorted((a, b) => a.seconds - b.seconds),
    strays: strays.length,
    notIdle: busy.length,
    untried,
    keepalives: keepalives.length,
    server: limits,
  };
  const words = wordsOf({ ...seen, strays, busy, untried }, isInDoubt);
  return isInDoubt
    ? { ...words, evidence }
    : { value: survived, ...words, evidence };
}

function wordsOf(seen: Seen, isInDoubt: boolean) {
  const { killed } = seen;
  if (isInDoubt) return doubtWords(seen);
  return killed === undefined ? noneWords(seen) : deadWords(seen, killed);
}
