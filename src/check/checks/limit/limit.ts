import { formatCount, plural } from "../../../units.ts";
import { type Finding, unknown } from "../../finding.ts";
import type { Check } from "../check.ts";
import { Held, type Outcome } from "./held.ts";
import { roomHere, search, type Served } from "./search.ts";

/** How many connections at once are served. */
export const limitCheck: Check = {
  name: "limit",
  when: "afterwards",
  async run(path, tell) {
    // None, unless somebody else uses this path.
    const others = path.held.size;
    const asked = path.reach.connections;
    const room = roomHere();
    const wanted = Math.min(Math.max(asked - others, 1), room);
    await using held = new Held(path);
    const served = await search(path, held, wanted, tell);
    const alive = served.why === "failing" && (await held.isAlive());
    tell(`${served.served}: they are ended`);
    return findingOf(served, { asked, others, room }, alive);
  },
};

/** Connections that were asked for, that others held, that could be opened. */
interface Around {
  asked: number;
  others: number;
  room: number;
}

function findingOf(
  served: Served,
  { asked, others, room }: Around,
  alive: boolean,
): Finding {
  const value = served.served + others;
  const evidence = {
    served: served.served,
    others,
    asked,
    beyond: served.beyond ?? null,
    error: served.beyond === undefined ? null : (served.error ?? null),
    between: served.between,
    openFiles: Number.isFinite(room) ? room : null,
  };
  const count = countOf(served.served, others);
  switch (served.why) {
    case "all":
    case "time":
    case "others":
    case "local":
      return { ...none(served, count, asked), value, evidence };
    case "limit":
      return { ...limited(served, count, value), value, evidence };
    case "failing": {
      if (value === 0) {
        const text = `no connection was served: one ${WORDS[served.beyond!].none}`;
        const means = "it answered before: connect tells more";
        return unknown(text, means, evidence);
      }
      const text =
        `${count}; from there on ${WORDS[served.beyond!].text}, also after ` +
        `others had ended; those that were open ${alive ? "still serve" : "do not serve any more"}`;
      const means =
        "it is not their number alone: a limit on how often one may connect " +
        "(fail2ban, nftables `limit rate`), or a server that has stopped; " +
        "wait a while, and try with fewer --connections";
      return { ...unknown(text, means, evidence), value };
    }
  }
}

/** `60 connections at once were served, 20 of them idle for another check` */
function countOf(served: number, others: number): string {
  const idle = others > 0 ? `, ${others} of them not by this check` : "";
  const were = served + others === 1 ? "was" : "were";
  return `${plural(served + others, "connection")} at once ${were} served${idle}`;
}

type Words = Pick<Finding, "status" | "rating" | "text" | "means">;

function none({ why, between }: Served, count: string, asked: number): Words {
  const more: Partial<Record<Served["why"], string>> = {
    time: `; there was no time for all of ${formatCount(asked)}`,
    others: "; no more were tried",
    local: "; this machine may not open more (`ulimit -n`, or local ports)",
  };
  const text = `${count}${more[why] ?? ""}`;
  if (between > 0) {
    return {
      status: "none",
      rating: "notable",
      text: `${text}; ${plural(between, "other")} failed in between`,
      means:
        "it is not their number: a limit on how often one may connect, a short " +
        "queue of connections (the backlog of listen()), or a backend that fails",
    };
  }
  const means = "no limit shows below that";
  return { status: "none", rating: "fine", text, means };
}

/** What is said of the one beyond a limit, and what usually does that. */
const WORDS: Record<Outcome, { text: string; none: string; means: string }> = {
  served: { text: "one more was served", none: "was served", means: "" },
  local: {
    text: "this machine could not open one more",
    none: "could not be opened here",
    means: "",
  },
  refused: {
    text: "one more was refused or reset",
    none: "was refused or reset",
    means:
      "clients beyond it fail at once: a limit of a server or a balancer, of " +
      "all connections (PostgreSQL `max_connections`) or of those from one " +
      "address (nginx `limit_conn`, nftables `ct count`)",
  },
  finished: {
    text: "one more got a FIN instead of an answer",
    none: "got a FIN instead of an answer",
    means:
      "clients beyond it get an empty answer, which looks like an end: a limit " +
      "of a server or a balancer, of all connections or of those from one " +
      "address (nginx `limit_conn`, xinetd `instances`)",
  },
  waiting: {
    text: "one more was let in, and answered only once another had ended",
    none: "was let in, and got no answer",
    means:
      "clients beyond it connect and then wait, maybe for ever: HAProxy " +
      "`maxconn`, a server with so many threads or processes, or one that " +
      "serves one at a time",
  },
  silent: {
    text: "one more got no answer to its SYN",
    none: "got no answer to its SYN",
    means:
      "clients beyond it wait for their own time limit: a firewall that drops " +
      "(iptables `connlimit`), or a full queue of connections behind a server " +
      "that accepts no more",
  },
};

function limited({ beyond }: Served, count: string, value: number): Words {
  const { text, means } = WORDS[beyond!];
  return {
    status: String(value),
    rating: "notable",
    text: `${count}; ${text}`,
    means,
  };
}
