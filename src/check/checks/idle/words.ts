import { exactDuration, formatDuration } from "../../../units.ts";
import type { Finding } from "../../finding.ts";
import type { Path } from "../../path.ts";
import { devicesAt } from "./ladder.ts";
import type { Direction, Fate } from "./resting.ts";

/** Seconds after which the server itself ends a connection; null: never. */
export interface Limits {
  idleTimeout: number | null;
  maxLifetime: number | null;
}

export interface Seen {
  path: Path;
  survived: number;
  killed: Fate | undefined;
  /** Those that lived longer than one that died. */
  odd: readonly Fate[];
  /** Those during which segments came that nobody sent. */
  keepalives: readonly Fate[];
  limits: Limits | null;
  /** Deaths that did not come again. */
  strays: readonly Fate[];
  /** Deaths of connections that were not idle at all. */
  busy: readonly Fate[];
  /** Idle times that could not be tried. */
  untried: number;
  brackets: readonly {
    direction: Direction;
    survived: number;
    killed: Fate | undefined;
  }[];
}

type Words = Pick<Finding, "status" | "rating" | "text" | "means">;

const time = (seconds: number) => formatDuration(seconds * 1000);

/** Linux' tcp_retries2 of 15, at least: its ip-sysctl documentation. */
const GIVES_UP = "924.6 s, some 15 minutes, by Linux' default";

/** Beyond the longest that clouds' devices have by default, in seconds. */
const LONG = 1500;

export function noneWords(seen: Seen): Words {
  const { survived, keepalives, path, untried, brackets } = seen;
  const kept = keepalives.length > 0;
  const isShort = survived < (path.reach.idle / 1000) * 0.99;
  const longest = `a connection that was idle for ${time(survived)} still worked`;
  const both = brackets.length > 1 && !kept ? ", whoever spoke first" : "";
  return {
    status: "none",
    rating: kept || isShort ? "notable" : "fine",
    text:
      longest +
      both +
      (kept ? ", but segments came meanwhile that no end was to send" : "") +
      untriedText(untried),
    means: kept
      ? "its idle time was never that long: somebody sends keepalives, or the server speaks by itself, and what would happen without is not seen"
      : noneMeans(survived, isShort),
  };
}

function noneMeans(survived: number, isShort: boolean): string {
  if (isShort) {
    return "what longer idle times do is not known: the server serves too few connections at once; alone, with --only idle, more could be tried";
  }
  const more =
    "; balancers and NATs of clouds do after 60 s to 20 minutes: --idle 25m would see them";
  return `nothing forgets connections sooner${survived < LONG ? more : ""}`;
}

function untriedText(untried: number): string {
  if (untried === 0) return "";
  const what = untried === 1 ? "idle time" : "idle times";
  return `; ${untried} ${what} could not be tried, since no more connections were served`;
}

/** Connections died, and others that were idle for as long did not. */
export function doubtWords(seen: Seen): Words {
  const { survived, strays, busy, killed, untried } = seen;
  const died = strays[0] ?? killed!;
  const how = { finish: "ended (FIN)", reset: "reset", silent: "lost" };
  const after = `after ${time(died.seconds)}`;
  const what = `a connection was ${how[died.result as keyof typeof how]} ${after}`;
  const others =
    busy.length > 0
      ? "others ended so without being idle at all"
      : strays.length > 0
        ? `fresh ones that were idle for as long were not, and ${time(survived)} was survived`
        : "no other could be had to see it again";
  return {
    status: "unknown",
    rating: "unknown",
    text: `${what}; ${others}${untriedText(untried)}`,
    means:
      "it may have ended for another reason than being idle, such as a restart, a limit or a lost path, or not all connections are treated alike: try it again, with --only idle",
  };
}

export function deadWords(seen: Seen, killed: Fate): Words {
  const { survived, limits, odd } = seen;
  const setting = serversSetting(killed, limits);
  if (setting !== undefined) return serversWords(killed, setting);
  const lived = killed.atUse ? `; ${livedText(survived)}` : "";
  return {
    status: killed.result,
    rating:
      killed.result === "silent" ? ("harmful" as const) : ("notable" as const),
    text:
      howText(killed) +
      lived +
      oddText(odd) +
      directionText(seen) +
      untriedText(seen.untried),
    means: meaningOf(survived, killed, limits !== null),
  };
}

function livedText(survived: number): string {
  return survived > 0
    ? `one idle for ${time(survived)} still worked`
    : "the shortest idle time was already too long";
}

/** Who was told of an end that this end was not told of. */
function toldText(server: string | null): string {
  switch (server) {
    case "open":
      return "neither end was told";
    case "FIN":
    case "RST":
      return `only the server was told, by a ${server}`;
    case "server":
      return "the server had ended it, which did not arrive here";
    default:
      return "nothing had told us";
  }
}

function howText(fate: Fate): string {
  const { result, seconds, atUse, direction, server } = fate;
  const after = time(seconds);
  const said = direction === "from-client" ? "we spoke" : "the server spoke";
  switch (result) {
    case "silent":
      return `a connection that was idle for ${after} was dead when ${said}, and ${toldText(server)}`;
    case "reset":
      return atUse
        ? `a connection that was idle for ${after} was reset when ${said}`
        : `an idle connection was reset after ${after}`;
    default:
      return atUse
        ? `a connection that was idle for ${after} was ended (FIN) when ${said}`
        : `an idle connection was ended (FIN) after ${after}`;
  }
}

function oddText(odd: readonly Fate[]): string {
  if (odd.length === 0) return "";
  const longest = Math.max(...odd.map(({ seconds }) => seconds));
  return `; yet another lived idle for ${time(longest)}: several devices, or backends, differ`;
}

function directionText({ brackets, path }: Seen): string {
  if (!path.cooperates) return "";
  const [client, server] = brackets;
  if (client === undefined || server === undefined) return "";
  const alive = brackets.find(({ killed }) => killed === undefined);
  if (alive === undefined) return "; whoever speaks first";
  const who = alive.direction === "from-client" ? "the client" : "the server";
  return `; where ${who} speaks first it lives on, for ${time(alive.survived)} at least`;
}

/** @param cooperates whether a server would have said that it was itself */
function meaningOf(
  survived: number,
  killed: Fate,
  cooperates: boolean,
): string {
  const devices = devicesAt(survived, killed.seconds);
  const known =
    devices === undefined ? "" : `; that is the default of ${devices}`;
  const often = keepaliveText(survived);
  if (killed.result === "silent") {
    return (
      `who writes then gets no error until its kernel gives up, ${GIVES_UP}; ` +
      `who only reads waits for ever: ${often}${known}`
    );
  }
  const own = cooperates ? "" : ", or the server itself,";
  const usual =
    known === ""
      ? `; HAProxy's timeout client and timeout server, nginx's proxy_timeout, balancers' idle timeouts${own} do that`
      : known + (cooperates ? "" : ", and may be the server's own");
  return `pools of idle connections hold dead ones: ${often}${usual}`;
}

/** A keepalive that TCP sends has whole seconds: tcp(7). */
const LEAST_KEEPIDLE = 1000;

/** Half of what survived: one of them may get lost. */
function keepaliveText(survived: number): string {
  const every = survived * 500;
  if (every >= LEAST_KEEPIDLE) {
    const whole = Math.floor(every / 1000) * 1000;
    return `send a keepalive every ${exactDuration(whole)} (TCP_KEEPIDLE), or end idle ones before`;
  }
  return "TCP's own keepalives, of whole seconds, are too seldom: end idle ones before, or don't keep them";
}

/** Which setting of the server's ends others after this time, too. */
function serversSetting(
  killed: Fate,
  limits: Limits | null,
): "--idle-timeout" | "--max-lifetime" | undefined {
  if (limits === null || killed.atUse || killed.server !== "server") {
    return undefined;
  }
  const near = (limit: number | null) =>
    limit !== null &&
    killed.seconds >= limit * 0.9 &&
    killed.seconds <= limit + 5;
  if (near(limits.idleTimeout)) return "--idle-timeout";
  return near(limits.maxLifetime) ? "--max-lifetime" : undefined;
}

function serversWords(killed: Fate, setting: string): Words {
  const how = killed.result === "reset" ? "a reset" : "a FIN";
  return {
    status: killed.result,
    rating: "notable",
    text: `the server itself ended an idle connection after ${time(killed.seconds)}, with ${how} (its ${setting})`,
    means:
      "that is the server's setting, and not the path's: without it more could be seen of the path",
  };
}
