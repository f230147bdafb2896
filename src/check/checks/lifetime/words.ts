import { formatDuration } from "../../../units.ts";
import { ALONE, type Finding } from "../../finding.ts";
import { everyOf, type Life } from "./life.ts";

/** @param lifetime milliseconds that each was to live */
export function findingOf(lives: readonly Life[], lifetime: number): Finding {
  const evidence = {
    everyMs: everyOf(lifetime),
    connections: lives.map((life) => ({
      ...life,
      age: Math.round(life.age) / 1000,
      at: Math.round(life.at) / 1000,
    })),
  };
  const ended = lives.filter(({ how }) => how !== "none");
  if (ended.length === 0) {
    const every = formatDuration(everyOf(lifetime));
    const those = lives.length === 1 ? "a connection" : "connections";
    const text = `${those} with a line every ${every} lived for ${formatDuration(lifetime)}, and would have longer`;
    const means = "up to here nobody limits the age of connections in use";
    const value = lifetime / 1000;
    return { status: "none", value, rating: "fine", text, means, evidence };
  }
  const who = whoOf(ended);
  const isSilent = ended.some(({ how }) => how === "silent");
  return {
    status: who,
    value: Math.min(...ended.map(({ age }) => age)) / 1000,
    rating: isSilent ? "harmful" : "notable",
    text: textOf(lives, ended, who),
    means: `${MEANS[who]}${whenOf(ended)}`,
    evidence,
  };
}

type Who = "server" | "path" | "ended";

/** A server tells what it ended itself; `ended`: it can't be asked. */
function whoOf(ended: readonly Life[]): Who {
  const servers = ended.map(({ server }) => server);
  if (servers.every((how) => how === "server")) return "server";
  return servers.every((how) => how !== null && how !== "server")
    ? "path"
    : "ended";
}

const MEANS: Record<Who, string> = {
  server: "a client has to connect again, since the server is set up so",
  path:
    "a client has to connect again, though the server did not want it: " +
    "somebody between ends connections",
  ended: `a client has to connect again. Path or server: ${ALONE}`,
};

function textOf(
  lives: readonly Life[],
  ended: readonly Life[],
  who: Who,
): string {
  const ages = ended.map(({ age }) => formatDuration(age)).join(" and ");
  const hows = [...new Set(ended.map(({ how }) => HOW[how]))].join(" and ");
  return `${whichOf(lives, ended)} ended ${hows} after ${ages}${byOf(who, ended)}`;
}

function whichOf(lives: readonly Life[], ended: readonly Life[]): string {
  if (ended.length < lives.length) {
    return `${ended.length} of ${lives.length} connections in use`;
  }
  return lives.length === 1
    ? "the connection in use"
    : "both connections in use";
}

function byOf(who: Who, [first]: readonly Life[]): string {
  switch (who) {
    case "server": {
      const limit = first!.serverLimit;
      if (limit === null) return ", by the server itself";
      return `, by the server itself, whose limit is ${formatDuration(limit * 1000)}`;
    }
    case "path":
      return ", and not by the server";
    case "ended":
      return "";
  }
}

const HOW: Record<Life["how"], string> = {
  FIN: "with a FIN",
  RST: "with a reset (RST)",
  truncated: "with a FIN without the end of TLS",
  silent: "silently",
  none: "",
};

/** Two that were opened apart tell a limit of age from what happened once. */
function whenOf(ended: readonly Life[]): string {
  const [first, second] = ended;
  if (second === undefined) return "";
  const ages = Math.abs(first!.age - second.age);
  const moments = Math.abs(first!.at - second.at);
  if (ages < moments / 2) {
    return (
      ". Both had the same age: a limit such as Envoy's " +
      "`max_connection_duration`, or a server's `--max-lifetime`"
    );
  }
  return moments < ages / 2
    ? ". Both ended at the same moment: a restart, a reload or a failover"
    : "";
}
