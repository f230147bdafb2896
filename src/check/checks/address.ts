import { formatHostPort } from "../../address/endpoint.ts";
import type { Info } from "../../protocol/info.ts";
import { ALONE, type Finding, unknown } from "../finding.ts";
import type { Path } from "../path.ts";
import { askWho, tellsWho, type Who } from "../who.ts";
import type { Check } from "./check.ts";

/** Whose address the server sees. */
export const addressCheck: Check = {
  name: "address",
  when: "beside",
  async run(path) {
    if (!tellsWho(path)) {
      const text = "an echo does not tell whom it is for";
      return unknown(text, `${ALONE}; one with --reply info tells it, too`);
    }
    return findingOf(path, await askWho(path));
  },
};

/** The same address in whatever form: `::ffff:10.0.0.1` is 10.0.0.1. */
function plain(name: string): string {
  const [, host, port] = /^\[?(.*?)\]?:(\d+)$/.exec(name) ?? [];
  return host === undefined ? name : formatHostPort(host, Number(port));
}

const hostOf = (name: string) => plain(name).replace(/:\d+$/, "");

function findingOf({ approach }: Path, { info, local }: Who): Finding {
  const peer = info.peer === null ? null : plain(info.peer);
  const ours =
    local === undefined ? null : formatHostPort(local.address, local.port);
  const proxied = info.proxied === null ? null : plain(info.proxied);
  const sent = approach.sendProxy ?? null;
  const evidence = { ours, peer, proxied, local: info.local, sendProxy: sent };
  if (proxied !== null) {
    return { ...byHeader(peer, ours, proxied, sent), evidence };
  }
  if (ours === null || peer === null) {
    return { ...ofUnix(ours, info), evidence };
  }
  if (peer === ours) {
    return {
      status: "ours",
      rating: "fine",
      text: `the server sees ${peer}, as we do`,
      means:
        "nothing between translates addresses: the server can tell clients apart",
      evidence,
    };
  }
  return { ...translated(peer, ours), evidence };
}

type Words = Pick<Finding, "status" | "rating" | "text" | "means">;

function byHeader(
  peer: string | null,
  ours: string | null,
  proxied: string,
  sent: number | null,
): Words {
  const isOurs = peer !== null && peer === ours;
  const whose = isOurs
    ? "which is ours"
    : `and ours is ${ours ?? "a Unix socket"}`;
  const from =
    sent !== null && proxied === ours ? "we ourselves" : `${proxied}, a proxy,`;
  return {
    status: "header",
    rating: "fine",
    text: `the server sees ${peer ?? "no address"}, ${whose}: ${from} said so in a PROXY header`,
    means: isOurs
      ? "the header is believed, and the server can tell clients apart"
      : "the header is believed, and has an address that is not our own: one " +
        "before the proxy translates it",
  };
}

function ofUnix(ours: string | null, { peer }: Info): Words {
  if (ours === null && peer === null) {
    return {
      status: "ours",
      rating: "fine",
      text: "both ends see a Unix socket, which has no address",
      means: "who may connect is told by the socket's permissions",
    };
  }
  return {
    status: "translated",
    rating: "notable",
    text: `one end is a Unix socket, the other sees ${peer ?? ours}`,
    means: PROXY,
  };
}

const PROXY =
  "a proxy makes connections of its own: to the server all clients have its " +
  "address, in logs, limits and lists of who is allowed, unless the proxy tells " +
  "theirs (HAProxy `send-proxy-v2`, nginx `proxy_protocol on`)";

function translated(peer: string, ours: string): Words {
  const isPortOnly = hostOf(peer) === hostOf(ours);
  return {
    status: "translated",
    rating: "notable",
    text: isPortOnly
      ? `the server sees ${peer}, another port than ours, ${ours}`
      : `the server sees ${peer}, and ours is ${ours}`,
    means: isPortOnly
      ? "a proxy on this machine, or a NAT that keeps the address, is between"
      : `a NAT is between, or ${PROXY}`,
  };
}
