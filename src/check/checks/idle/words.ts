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

export function noneWords({ survived, keepalives, path }: Seen): Words {
  const kept = keepalives.length > 0;
  const longest = `a connection that was idle for ${time(survived)} still worked`;
  const both = path.cooperates ? ", whoever spoke first" : "";
  return {
    status: "none",
    rating: kept ? "notable" : "fine",
    text: kept
      ? `${longest}, but somebody between sent keepalives meanwhile`
      : longest + both,
    means: kept
      ? "its idle time was never that long: what is between keeps it alive, and what would happen without is not seen"
      : "nothing forgets connections sooner; balancers and NATs of clouds do after 60 s to 20 minutes: --idle 25m would see them",
  };
}

export function deadWords(seen: Seen, killed: Fate): Words {
  const { survived, limits, odd } = seen;
  if (isServersOwn(killed, limits)) return serversWords(killed, limits);
  const lived = killed.atUse ? `; ${livedText(survived)}` : "";
  return {
    status: killed.result,
    rating:
      killed.result === "silent" ? ("harmful" as const) : ("notable" as const),
    text: `${howText(killed)}${lived}${oddText(odd)}${directionText(seen)}`,
    means: meaningOf(survived, killed),
  };
}

function livedText(survived: number): string {
  return survived > 0
    ? `one idle for ${time(survived)} still worked`
    : "the shortest idle time was already too long";
}

function howText({ result, seconds, atUse, direction }: Fate): string {
  const after = time(seconds);
  const said = direction === "from-client" ? "we spoke" : "the server spoke";
  switch (result) {
    case "silent":
      return `a connection that was idle for ${after} was dead when ${said}, and neither end was told`;
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

function meaningOf(survived: number, killed: Fate): string {
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
  const usual =
    known === ""
      ? "; HAProxy's timeout client and timeout server, nginx's proxy_timeout, and balancers' idle timeouts do that"
      : known;
  return `pools of idle connections hold dead ones: ${often}${usual}`;
}

/** Half of what survived: one of them may get lost. */
function keepaliveText(survived: number): string {
  const every = Math.floor(survived / 2);
  return every >= 1
    ? `send a keepalive every ${exactDuration(every * 1000)} (TCP_KEEPIDLE), or end idle ones before`
    : "no keepalive is frequent enough";
}

/** Whether the server says so, or ends others after this time, too. */
function isServersOwn(killed: Fate, limits: Limits | null): boolean {
  if (limits === null || killed.atUse || killed.result === "silent")
    return false;
  const { idleTimeout, maxLifetime } = limits;
  const near = (limit: number | null) =>
    limit !== null &&
    killed.seconds >= limit * 0.9 &&
    killed.seconds <= limit + 5;
  return killed.server === "server" && (near(idleTimeout) || near(maxLifetime));
}

function serversWords(killed: Fate, limits: Limits | null): Words {
  const { idleTimeout } = limits!;
  const which = idleTimeout === null ? "--max-lifetime" : "--idle-timeout";
  const how = killed.result === "reset" ? "a reset" : "a FIN";
  return {
    status: killed.result,
    rating: "notable",
    text: `the server itself ended an idle connection after ${time(killed.seconds)}, with ${how} (its ${which})`,
    means:
      "that is the server's setting, and not the path's: without it more could be seen of the path",
  };
}
